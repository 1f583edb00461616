// Package kafka runs real Apache Kafka brokers for tests, and Kafka's own Java clients to judge what is in them.
//
// [Start] gives a test a cluster of its own: KRaft brokers, each controller and broker at once, on free ports of the
// loopback interface, with their data in a temporary directory. A [Broker] can be stopped, killed with SIGKILL and
// started again with the same data on the same ports, or paused where it is. [Options.Place] puts brokers elsewhere, as into network
// namespaces, and a [Listener] may be advertised at another address, as that of a proxy.
//
// [Options.Release] starts a broker of an older release instead, with the ZooKeeper it needs.
//
// Brokers may have a [Listener] for each way to be guarded beside the plain one, and know users from the start. [Java.Through]
// goes through such a listener.
//
// [Java] is a process with Kafka's admin client, consumer and producer in it. What this repository wrote is read
// back with it and never with our own code: [Java.Read] gives every record of a topic, [Java.Verify] tells about a
// million numbered records whether each is there once and in order without moving them between processes, and
// [Java.Write] is the reference that our producer is compared with.
//
// The Java side is a Maven project, ../java. It is built once a test run, with the mvn and java commands on the path; the
// version of Kafka is in its pom.xml; older releases have ../java/older.
//
// Every process ends with the test: the end of its standard input ends it, which the kernel sees to even
// when the test binary is killed. After a failure the directory with data and logs is kept, and the ends of
// the logs are printed.
package kafka
