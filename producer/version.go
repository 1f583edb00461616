package producer

import (
	"regexp"
	"runtime/debug"
	"sync"
)

// module is this module's path.
const module = "kafkaproducer"

// validVersion is what brokers take for a version; others they answer with INVALID_REQUEST (KIP-511).
var validVersion = regexp.MustCompile(`^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$`)

// softwareVersion returns the version of this module in the running program, "" if it has none.
var softwareVersion = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == module && validVersion.MatchString(m.Version) {
			return m.Version
		}
	}
	return ""
})
