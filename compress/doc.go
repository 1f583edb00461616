// Package compress has the codecs of Kafka's record batches.
//
// # Contract
//
//   - [Append] compresses to the end of a slice; with [MaxSize] bytes of room
//     there it does not grow, and nothing is allocated in steady state: encoders
//     are pooled, one pool for each codec and level. It runs in the caller's goroutine and
//     starts none.
//   - [AppendDecoded] decompresses to the end of a slice, at most as many bytes as
//     the caller allows. Beyond that is a [*TooLargeError], data that the codec didn't write a
//     [*CorruptError]. Data neither panics nor takes memory beyond a small multiple of
//     the limit, whatever it claims about itself.
//   - What is written here, the classes of Kafka's Java client read, and the other
//     way round (internal/golden; testdata/record). Both may be called by many goroutines at once, also
//     from within and across the bubbles of testing/synctest.
//
// # Formats and choices
//
// The sizes and speeds below are of batches of 64 KiB whose records are 100
// bytes of JSON each; "ns" is CPU time for one such record on the 2-core AMD EPYC (Zen 1) this was
// written on (go test -bench 'Append$|Libraries' ./compress).
//
//	| codec  | level            | ns    | size
//	|--------|------------------|-------|-----
//	| snappy |                  |   250 | 55 %
//	| lz4    | 9, the default   |   440 | 52 %
//	| lz4    | 1 / 3 / 8 / 17   | 840 / 1,070 / 3,280 / 4,560 | 52 / 48 / 42 / 42 %
//	| zstd   | below 3          |   820 | 31 %
//	| zstd   | 3-5, the default | 1,100 | 31 %
//	| zstd   | 6-9 / 10-22      | 1,290 / 8,200 | 30 %
//	| gzip   | 1                |   720 | 34 %
//	| gzip   | -1, the default  | 1,500 | 32 %
//	| gzip   | 9                | 7,600 | 29 %
//
// Gzip: RFC 1952, by klauspost/compress. Level -1 is that library's default, 5.
//
// Snappy: blocks of 32 KiB in the framing of snappy-java, which Kafka's Java
// client writes. A bare block, which other clients write, is read too. The encoder is
// s2.EncodeSnappy of klauspost/compress: 250 ns and 54.6 % where golang/snappy
// needs 350 ns for 53.6 %. Blocks of 64 KiB are no faster and 1 % smaller, so the size is Java's.
// golang/snappy decodes, since the decoder of s2 would take more than snappy's own format.
//
// LZ4: the frame as Kafka's Java client writes it (version 1, independent blocks of
// at most 64 KiB, no checksums), around pierrec/lz4's block compressors. The library's own
// Writer is as fast, but buffers, and can't be told to store what grows. Level 9,
// Kafka's default, means the fast compressor: Kafka takes lz4-java's
// fastCompressor at exactly that level, and highCompressor(level) at every other one,
// level 1 too, which is therefore slower than 9. So it is here. The frames of other writers are
// read with their checksums; those that Kafka's client refuses (dependent blocks) are refused.
//
// Zstandard: RFC 8878, by klauspost/compress, which has four speeds for Kafka's
// levels: below 3 (0 is 3), 3 to 5, 6 to 9, 10 and up. Above 9 an encoder takes 35 MB. The window is 1 MiB
// at most, a batch rarely being larger. No checksum: the batch has one.
package compress
