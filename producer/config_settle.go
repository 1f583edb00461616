package producer

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"kafkaproducer/client"
)

// What depends on more than one property.

// settleDeliveryTimeout: a delivery.timeout.ms that was set is an error when it is too short, its default grows
// (KIP-91, KafkaProducer.configureDeliveryTimeout).
func (r *resolver) settleDeliveryTimeout(c *Config, s *settings) {
	least := s.linger + s.client.RequestTimeout
	if least < 0 { // linger for ever overflows
		least = math.MaxInt64
	}
	if s.deliveryTimeout >= least {
		return
	}
	if c.DeliveryTimeout == 0 {
		s.deliveryTimeout = least
		r.note("delivery.timeout.ms is %s, the sum of linger.ms and request.timeout.ms, as its default would be less", milliseconds(least))
		return
	}
	r.fail("delivery.timeout.ms", milliseconds(s.deliveryTimeout), fmt.Sprintf("at least linger.ms (%s) + request.timeout.ms (%s) = %s",
		milliseconds(s.linger), milliseconds(s.client.RequestTimeout), milliseconds(least)))
}

// settleIdempotence: what conflicts with idempotence is an error beside an explicit enable.idempotence=true, and else
// turns it off (KIP-679, ProducerConfig.postProcessAndValidateIdempotenceConfigs).
func (r *resolver) settleIdempotence(c *Config, s *settings) {
	s.idempotent = r.toggle("enable.idempotence", c.EnableIdempotence, true)
	if !s.idempotent {
		return
	}
	conflict := func(property, value, needed string) {
		if c.EnableIdempotence == On {
			r.clash(property, value, "it conflicts with enable.idempotence = true", needed)
			return
		}
		s.idempotent = false
		r.note("enable.idempotence is off because %s is %s, it needs %s", property, value, needed)
	}
	if s.acks != AcksAll {
		conflict("acks", s.acks.String(), "all")
	}
	if s.retries == 0 {
		conflict("retries", "0", "at least 1")
	}
	// A broker remembers the last 5 batches of a producer in a partition: a sixth might not be known as a duplicate.
	if n := s.client.MaxInFlightRequestsPerConnection; n > 5 {
		conflict("max.in.flight.requests.per.connection", strconv.Itoa(n), "1 to 5")
	}
}

// settleSizes: a batch must fit into a request and into the buffer. Java lets a batch exceed max.request.size when it is
// alone in its request, and fails every Send where batch.size is beyond buffer.memory.
func (r *resolver) settleSizes(c *Config, s *settings) {
	fits := min(int64(s.batchSize), int64(s.maxRequestSize), s.bufferMemory)
	if fits < int64(s.batchSize) && c.BatchSize != 0 {
		r.note("batch.size is %d instead of %d, to fit max.request.size and buffer.memory", fits, s.batchSize)
	}
	s.batchSize = int(fits)
}

// settleBackoffs: a first backoff beyond the largest is the largest from the start (KIP-580). reconnect.backoff.ms alone
// is constant (KIP-144, CommonClientConfigs.postProcessReconnectBackoffConfigs).
func (r *resolver) settleBackoffs(c *Config, s *settings) {
	l := &s.client
	if c.ReconnectBackoff != 0 && c.ReconnectBackoffMax == 0 {
		l.ReconnectBackoffMax = l.ReconnectBackoff
	}
	l.ReconnectBackoff = min(l.ReconnectBackoff, l.ReconnectBackoffMax)
	l.SocketConnectionSetupTimeout = min(l.SocketConnectionSetupTimeout, l.SocketConnectionSetupTimeoutMax)
	s.retryBackoff = min(s.retryBackoff, s.retryBackoffMax)
	l.RetryBackoff, l.RetryBackoffMax = s.retryBackoff, s.retryBackoffMax
	l.MetadataMaxAge = max(l.MetadataMaxAge, time.Millisecond) // retry.backoff.ms is what limits it then
	l.MetadataClusterCheckEnable = l.MetadataClusterCheckEnable && l.MetadataRecoveryStrategy == client.Rebootstrap
}

// settlePartitioner turns off what only Kafka's default partitioner has.
func (r *resolver) settlePartitioner(c *Config, s *settings) {
	s.partitionerAdaptivePartitioning = s.partitionerAdaptivePartitioning && s.partitioner == nil
	if !s.partitionerAdaptivePartitioning {
		s.partitionerAvailabilityTimeout = 0
	}
	if c.PartitionerRackAware && s.partitioner == nil {
		s.partitionerRack = c.ClientRack
		if c.ClientRack == "" {
			r.note("partitioner.rack.aware has no effect without client.rack")
		}
	}
}

// milliseconds writes a duration as most of Kafka's properties do.
func milliseconds(d time.Duration) string { return inUnits(d, time.Millisecond) }
