package compress

import (
	"fmt"
	"math"
)

// DefaultLevel stands for Kafka's default level of a codec: gzip -1, lz4 9,
// zstd 3. Codecs without levels (none, snappy) take no other.
const DefaultLevel = math.MinInt

// CheckLevel returns nil when Append takes the level for the codec, else a
// *LevelError, and an *UnknownError for a codec that isn't one. Allowed are DefaultLevel and the ranges of Kafka's
// compression.gzip.level (1 to 9, or -1), compression.lz4.level (1 to 17) and
// compression.zstd.level (-131072 to 22).
func CheckLevel(c Codec, level int) error {
	if !c.Known() {
		return &UnknownError{Name: c.String()}
	}
	if level == DefaultLevel {
		return nil
	}
	ok := false
	switch c {
	case Gzip:
		ok = level == -1 || 1 <= level && level <= 9
	case LZ4:
		ok = 1 <= level && level <= 17
	case ZSTD:
		ok = -131072 <= level && level <= 22
	}
	if !ok {
		return &LevelError{Codec: c, Level: level}
	}
	return nil
}

// LevelError says that a codec has no such level.
type LevelError struct {
	Codec Codec
	Level int
}

// Allowed describes the levels the codec has, in the words of Kafka's configuration.
func (e *LevelError) Allowed() string {
	switch e.Codec {
	case Gzip:
		return "[1,...,9] or -1"
	case LZ4:
		return "[1,...,17]"
	case ZSTD:
		return "[-131072,...,22]"
	}
	return "no level: the codec has none"
}

func (e *LevelError) Error() string {
	return fmt.Sprintf("compress: %s level %d, allowed: %s", e.Codec, e.Level, e.Allowed())
}
