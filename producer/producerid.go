package producer

import (
	"kafkaproducer/client"
	"kafkaproducer/protocol"
)

// maxInitProducerIDVersion is the highest version of InitProducerId that is used; 6 is unstable (KIP-939).
const maxInitProducerIDVersion = 5

// askProducerID sends InitProducerId (KIP-98) to any broker; the core hears of the answer.
func (p *Producer) askProducerID() {
	response := new(protocol.InitProducerIDResponse)
	p.client.SendAny(&client.Call{
		Request: &protocol.InitProducerIDRequest{
			TransactionTimeoutMs: 1<<31 - 1, // of no meaning without a transactional id
			ProducerID:           -1, ProducerEpoch: -1,
		},
		Response: response,
		Version:  maxInitProducerIDVersion,
		Done: func(call *client.Call, err error) {
			if err == nil && response.ErrorCode != protocol.None {
				err = response.ErrorCode
			}
			p.mu.Lock()
			if err != nil {
				p.core.ProducerIDFailed(p.clock.now(), err)
			} else {
				p.core.ProducerID(p.clock.now(), response.ProducerID, response.ProducerEpoch)
			}
			p.release(call, aDone)
		},
	})
}
