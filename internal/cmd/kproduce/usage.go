package main

// usage is what -h prints.
const usage = `kproduce sends lines to Kafka, each as a record.

  kproduce -b host:port -t topic [options] [<file]
  kproduce [-X name=value ...]

The first form sends standard input, or the file of -i, and ends with a table of what is where. The second one shows
and checks the producer without a cluster: it starts three brokers in this process, sends a sample of 20,000 lines
with keys and zstd compression, reads everything back and verifies it.

Where to:
  -b host:port[,...]   brokers to start from (bootstrap.servers)
  -t topic             the topic
What:
  -i file              the input; without it, or with -, standard input
  -keys                each line is a key, a tab, and a value; a line without a tab is a failed record
  -separator text      what stands between key and value instead of a tab; implies -keys; \t is a tab
  -null text           a key or value that is exactly this text is null: no key, or a tombstone
  -crlf                lines end in CR LF: drop the CR; without this option a CR is part of the value
How:
  -X name=value        a property of the producer, with Kafka's name, such as -X acks=1; may be repeated
  -X name=@file:path   the same, with what the file holds as value, and
  -X name=@env:VAR     with an environment variable's: passwords on a command line can be seen by others
  -F file              properties from a Java .properties file; -X and -b go before it
  -failures n          report the first n failed records one by one (10); all are counted by reason at the end
  -v                   more messages; where standard error is no terminal, progress every 5 seconds
  -h                   this text

A line may have max.request.size bytes, less what Kafka adds; a longer one is a failed record. The last line needs no line
end, and an empty line is a record with an empty value. Records are sent in the order of the lines. An error that
would meet the next lines, too, such as a topic that doesn't exist, ends the reading.

Ctrl-C (or SIGTERM) stops reading, waits until what was read is done, and reports. A second one gives up what is left.

Progress and messages go to standard error, the report to standard output. The report's latencies are measured from the
call of Send to its callback, so they include the time that a record waits in the producer: for each of the first 1,000
lines, and for one in 64 from there on. What the broker refuses is likewise reported with its line, or the 64 lines it
is one of. Bytes are those of keys and values.

Exit status: 0: every record that was read is acknowledged (and verified). 1: one is not, or the input could not be read.
2: wrong options or properties; nothing was sent.
`
