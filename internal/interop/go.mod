module kafkaproducer/internal/interop

go 1.26

require kafkaproducer v0.0.0

replace kafkaproducer => ../..
