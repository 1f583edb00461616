package kafka

// Positions reads a topic of the chaos run's records with Kafka's consumer and writes where each of them stands to a file, whose
// form is told in Load.java and read by package chaos. It returns how many records there were.
func (j *Java) Positions(topic, file string) (int64, error) {
	var count int64
	err := j.call(request{Op: "positions", Topic: topic, File: file}, nil, &count)
	return count, err
}
