/*
Package protocol is the part of Kafka's wire protocol that a producer needs: its messages in both directions, the
headers and frames around them, and the error codes. It does no I/O. Brokers from 2.1 to 4.4 are covered; each [Key]
knows its versions, and the fields of a message say which of them they belong to.

# Messages

[Append] and [Decode] convert one body:

	b, err = protocol.Append(b, 12, &protocol.MetadataRequest{Topics: topics})
	err = protocol.Decode(b, 12, &response)

Both directions exist for every message, so that a broker for tests takes no more than this package.

Memory is the caller's. Append extends the slice that it is given. Decode fills what the message already holds: slices
keep their storage, a string that is already equal is kept, so that decoding one answer after another into one struct
allocates nothing. That is also why a message that is decoded into again must not be shared. Nothing of a message
points into the bytes that were decoded, with the exception of the records of a produce request: they are most of it.

Of what comes from the network nothing is believed. Lengths are held against the bytes that are left, an array takes
memory only as its elements turn up, and so no message takes more than a small multiple of the bytes received. Bytes
that are anything else than one whole message are a [*DecodeError], which names the field.

The zero value of a field is what a Go programmer would expect, nothing, which is not in every case Kafka's default:
where a field's comment gives -1 a meaning, 0 is a value. Encoding follows the Java client in what it does with a
field that the version does not have: it is left out where Kafka calls it ignorable, and an [*EncodeError] else,
unless nothing was set. Decoding gives it Kafka's default.

# Frames

What goes over a connection is a frame: its size in four bytes, a header, a body. [AppendRequest] and [AppendResponse]
make whole ones, [DecodeRequestHeader] and [DecodeResponse] read them, without their size. For a producer's own
requests there is [Frame], which leaves the records where they are:

	if err := frame.Encode(header, request); err != nil { … }
	buffers := net.Buffers(frame.Pieces(pieces[:0]))
	_, err := buffers.WriteTo(conn)

Two rules of Kafka are hidden here. The response to ApiVersions has the first header in all versions. And a broker
that does not know the version of an ApiVersions request answers in version 0: DecodeResponse takes this for what it
is, a response with the code [UnsupportedVersion].

# How to read a message file

A message is a file, and a struct in it a struct and a method:

	func (m *MetadataResponseTopic) walk(c *Coder) {
		c.errorCode(&m.ErrorCode)        // in every version
		if c.since(12) {
			c.nullableString(&m.Name)    // may be null from 12
		} else {
			c.requiredString(&m.Name)    // the same field, not null
		}
		if c.since(10) {
			c.uuid(&m.TopicID)           // from 10
		} else {
			ignored(c, &m.TopicID, UUID{}) // before: this default, and what is set is left out
		}
		c.bool(&m.IsInternal)
		array(c, &m.Partitions)
		if c.since(8) {
			c.int32(&m.TopicAuthorizedOperations)
		} else {
			absent(c, &m.TopicAuthorizedOperations, NoAuthorizedOperations) // before: an error when it is set
		}
		c.noTags()                       // the tagged fields of flexible versions: none that we know
	}

The walk names the fields in the order of the wire, once. The [Coder] goes in one of two directions, so that each line
either writes its field or fills it, and the two can't disagree. Versions read as in Kafka's schemas: since(8) is
their "8+", between(8, 10) their "8-10". That lengths are compact in flexible versions (KIP-482) is the Coder's affair
alone. Errors are, too: the first one sticks, what follows does nothing, and the message's field is found by its
address. Tagged fields are walked in a loop, see ProduceResponse.

Names are Kafka's but for the case of letters, which is how the tests find them.

# How to add a version, a field, or a message

 1. Set kafka.version in internal/golden/pom.xml to the release that has it, and the versions in Frames.java. Run
    make golden: it writes the facts of the new schemas, the frames and the error codes to testdata/protocol.
 2. Run go test. TestSchemaVersions names the versions that are new, TestSchemaFields the fields, TestErrorTable the
    codes.
 3. Add the version to the key's row in key.go, and the fields to the struct and its walk. A new message is a new
    file and a row.
 4. Run go test until the schema agrees: every message is tried at every version with random values, encoded and
    decoded, against bytes that are made from the table of facts. Add cases for new fields to Requests.java and
    Responses.java, so that the Java client's own bytes are there as well.
*/
package protocol
