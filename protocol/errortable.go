package protocol

// The codes of Kafka 4.4 under Kafka's names.
const (
	UnknownServerError                     ErrorCode = -1
	None                                   ErrorCode = 0
	OffsetOutOfRange                       ErrorCode = 1
	CorruptMessage                         ErrorCode = 2
	UnknownTopicOrPartition                ErrorCode = 3
	InvalidFetchSize                       ErrorCode = 4
	LeaderNotAvailable                     ErrorCode = 5
	NotLeaderOrFollower                    ErrorCode = 6
	RequestTimedOut                        ErrorCode = 7
	BrokerNotAvailable                     ErrorCode = 8
	ReplicaNotAvailable                    ErrorCode = 9
	MessageTooLarge                        ErrorCode = 10
	StaleControllerEpoch                   ErrorCode = 11
	OffsetMetadataTooLarge                 ErrorCode = 12
	NetworkException                       ErrorCode = 13
	CoordinatorLoadInProgress              ErrorCode = 14
	CoordinatorNotAvailable                ErrorCode = 15
	NotCoordinator                         ErrorCode = 16
	InvalidTopicException                  ErrorCode = 17
	RecordListTooLarge                     ErrorCode = 18
	NotEnoughReplicas                      ErrorCode = 19
	NotEnoughReplicasAfterAppend           ErrorCode = 20
	InvalidRequiredAcks                    ErrorCode = 21
	IllegalGeneration                      ErrorCode = 22
	InconsistentGroupProtocol              ErrorCode = 23
	InvalidGroupID                         ErrorCode = 24
	UnknownMemberID                        ErrorCode = 25
	InvalidSessionTimeout                  ErrorCode = 26
	RebalanceInProgress                    ErrorCode = 27
	InvalidCommitOffsetSize                ErrorCode = 28
	TopicAuthorizationFailed               ErrorCode = 29
	GroupAuthorizationFailed               ErrorCode = 30
	ClusterAuthorizationFailed             ErrorCode = 31
	InvalidTimestamp                       ErrorCode = 32
	UnsupportedSaslMechanism               ErrorCode = 33
	IllegalSaslState                       ErrorCode = 34
	UnsupportedVersion                     ErrorCode = 35
	TopicAlreadyExists                     ErrorCode = 36
	InvalidPartitions                      ErrorCode = 37
	InvalidReplicationFactor               ErrorCode = 38
	InvalidReplicaAssignment               ErrorCode = 39
	InvalidConfig                          ErrorCode = 40
	NotController                          ErrorCode = 41
	InvalidRequest                         ErrorCode = 42
	UnsupportedForMessageFormat            ErrorCode = 43
	PolicyViolation                        ErrorCode = 44
	OutOfOrderSequenceNumber               ErrorCode = 45
	DuplicateSequenceNumber                ErrorCode = 46
	InvalidProducerEpoch                   ErrorCode = 47
	InvalidTxnState                        ErrorCode = 48
	InvalidProducerIDMapping               ErrorCode = 49
	InvalidTransactionTimeout              ErrorCode = 50
	ConcurrentTransactions                 ErrorCode = 51
	TransactionCoordinatorFenced           ErrorCode = 52
	TransactionalIDAuthorizationFailed     ErrorCode = 53
	SecurityDisabled                       ErrorCode = 54
	OperationNotAttempted                  ErrorCode = 55
	KafkaStorageError                      ErrorCode = 56
	LogDirNotFound                         ErrorCode = 57
	SaslAuthenticationFailed               ErrorCode = 58
	UnknownProducerID                      ErrorCode = 59
	ReassignmentInProgress                 ErrorCode = 60
	DelegationTokenAuthDisabled            ErrorCode = 61
	DelegationTokenNotFound                ErrorCode = 62
	DelegationTokenOwnerMismatch           ErrorCode = 63
	DelegationTokenRequestNotAllowed       ErrorCode = 64
	DelegationTokenAuthorizationFailed     ErrorCode = 65
	DelegationTokenExpired                 ErrorCode = 66
	InvalidPrincipalType                   ErrorCode = 67
	NonEmptyGroup                          ErrorCode = 68
	GroupIDNotFound                        ErrorCode = 69
	FetchSessionIDNotFound                 ErrorCode = 70
	InvalidFetchSessionEpoch               ErrorCode = 71
	ListenerNotFound                       ErrorCode = 72
	TopicDeletionDisabled                  ErrorCode = 73
	FencedLeaderEpoch                      ErrorCode = 74
	UnknownLeaderEpoch                     ErrorCode = 75
	UnsupportedCompressionType             ErrorCode = 76
	StaleBrokerEpoch                       ErrorCode = 77
	OffsetNotAvailable                     ErrorCode = 78
	MemberIDRequired                       ErrorCode = 79
	PreferredLeaderNotAvailable            ErrorCode = 80
	GroupMaxSizeReached                    ErrorCode = 81
	FencedInstanceID                       ErrorCode = 82
	EligibleLeadersNotAvailable            ErrorCode = 83
	ElectionNotNeeded                      ErrorCode = 84
	NoReassignmentInProgress               ErrorCode = 85
	GroupSubscribedToTopic                 ErrorCode = 86
	InvalidRecord                          ErrorCode = 87
	UnstableOffsetCommit                   ErrorCode = 88
	ThrottlingQuotaExceeded                ErrorCode = 89
	ProducerFenced                         ErrorCode = 90
	ResourceNotFound                       ErrorCode = 91
	DuplicateResource                      ErrorCode = 92
	UnacceptableCredential                 ErrorCode = 93
	InconsistentVoterSet                   ErrorCode = 94
	InvalidUpdateVersion                   ErrorCode = 95
	FeatureUpdateFailed                    ErrorCode = 96
	PrincipalDeserializationFailure        ErrorCode = 97
	SnapshotNotFound                       ErrorCode = 98
	PositionOutOfRange                     ErrorCode = 99
	UnknownTopicID                         ErrorCode = 100
	DuplicateBrokerRegistration            ErrorCode = 101
	BrokerIDNotRegistered                  ErrorCode = 102
	InconsistentTopicID                    ErrorCode = 103
	InconsistentClusterID                  ErrorCode = 104
	TransactionalIDNotFound                ErrorCode = 105
	FetchSessionTopicIDError               ErrorCode = 106
	IneligibleReplica                      ErrorCode = 107
	NewLeaderElected                       ErrorCode = 108
	OffsetMovedToTieredStorage             ErrorCode = 109
	FencedMemberEpoch                      ErrorCode = 110
	UnreleasedInstanceID                   ErrorCode = 111
	UnsupportedAssignor                    ErrorCode = 112
	StaleMemberEpoch                       ErrorCode = 113
	MismatchedEndpointType                 ErrorCode = 114
	UnsupportedEndpointType                ErrorCode = 115
	UnknownControllerID                    ErrorCode = 116
	UnknownSubscriptionID                  ErrorCode = 117
	TelemetryTooLarge                      ErrorCode = 118
	InvalidRegistration                    ErrorCode = 119
	TransactionAbortable                   ErrorCode = 120
	InvalidRecordState                     ErrorCode = 121
	ShareSessionNotFound                   ErrorCode = 122
	InvalidShareSessionEpoch               ErrorCode = 123
	FencedStateEpoch                       ErrorCode = 124
	InvalidVoterKey                        ErrorCode = 125
	DuplicateVoter                         ErrorCode = 126
	VoterNotFound                          ErrorCode = 127
	InvalidRegularExpression               ErrorCode = 128
	RebootstrapRequired                    ErrorCode = 129
	StreamsInvalidTopology                 ErrorCode = 130
	StreamsInvalidTopologyEpoch            ErrorCode = 131
	StreamsTopologyFenced                  ErrorCode = 132
	ShareSessionLimitReached               ErrorCode = 133
	GroupDeletionFailed                    ErrorCode = 134
	StreamsTopologyDescriptionUpdateFailed ErrorCode = 135
	ControllerIDNotRegistered              ErrorCode = 136
)

type errorRow struct {
	code  ErrorCode
	name  string
	class class
	text  string
}

// errorTable is all there is to know about each code. A code's place is its number less the first one's.
var errorTable = [...]errorRow{
	{UnknownServerError, "UNKNOWN_SERVER_ERROR", 0, "the broker met an error it did not expect"},
	{None, "NONE", 0, "no error"},
	{OffsetOutOfRange, "OFFSET_OUT_OF_RANGE", 0, "the broker does not hold the offset"},
	{CorruptMessage, "CORRUPT_MESSAGE", retriable, "the batch's checksum or size is wrong, or a compacted topic got a record without key"},
	{UnknownTopicOrPartition, "UNKNOWN_TOPIC_OR_PARTITION", retriable | refresh, "the broker does not host the partition"},
	{InvalidFetchSize, "INVALID_FETCH_SIZE", 0, "the size to fetch is not possible"},
	{LeaderNotAvailable, "LEADER_NOT_AVAILABLE", retriable | refresh, "the partition has no leader at the moment"},
	{NotLeaderOrFollower, "NOT_LEADER_OR_FOLLOWER", retriable | refresh, "the broker is not the partition's leader, or no replica of it"},
	{RequestTimedOut, "REQUEST_TIMED_OUT", retriable, "the request took longer than its timeout"},
	{BrokerNotAvailable, "BROKER_NOT_AVAILABLE", 0, "the broker is not available"},
	{ReplicaNotAvailable, "REPLICA_NOT_AVAILABLE", retriable | refresh, "the replica is not available"},
	{MessageTooLarge, "MESSAGE_TOO_LARGE", 0, "the batch is larger than the topic or broker allows (max.message.bytes)"},
	{StaleControllerEpoch, "STALE_CONTROLLER_EPOCH", 0, "the controller has moved to another broker"},
	{OffsetMetadataTooLarge, "OFFSET_METADATA_TOO_LARGE", 0, "the metadata committed with the offset is too large"},
	{NetworkException, "NETWORK_EXCEPTION", retriable | refresh, "the connection was lost before an answer came"},
	{CoordinatorLoadInProgress, "COORDINATOR_LOAD_IN_PROGRESS", retriable, "the coordinator is still loading its state"},
	{CoordinatorNotAvailable, "COORDINATOR_NOT_AVAILABLE", retriable, "there is no coordinator at the moment"},
	{NotCoordinator, "NOT_COORDINATOR", retriable, "the broker is not the coordinator"},
	{InvalidTopicException, "INVALID_TOPIC_EXCEPTION", 0, "the topic's name is not possible, or the topic is not for clients"},
	{RecordListTooLarge, "RECORD_LIST_TOO_LARGE", 0, "the batch is larger than a segment of the broker's log"},
	{NotEnoughReplicas, "NOT_ENOUGH_REPLICAS", retriable, "fewer replicas are in sync than min.insync.replicas asks for; nothing was written"},
	{NotEnoughReplicasAfterAppend, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", retriable, "written, but to fewer in-sync replicas than min.insync.replicas asks for"},
	{InvalidRequiredAcks, "INVALID_REQUIRED_ACKS", 0, "acks is none of 0, 1 and -1"},
	{IllegalGeneration, "ILLEGAL_GENERATION", 0, "the generation is not the group's"},
	{InconsistentGroupProtocol, "INCONSISTENT_GROUP_PROTOCOL", 0, "the member's protocols do not go with those of the group"},
	{InvalidGroupID, "INVALID_GROUP_ID", 0, "the group id is not possible"},
	{UnknownMemberID, "UNKNOWN_MEMBER_ID", 0, "the coordinator does not know the member"},
	{InvalidSessionTimeout, "INVALID_SESSION_TIMEOUT", 0, "the session timeout is out of the broker's range"},
	{RebalanceInProgress, "REBALANCE_IN_PROGRESS", 0, "the group is rebalancing: join again"},
	{InvalidCommitOffsetSize, "INVALID_COMMIT_OFFSET_SIZE", 0, "the offset commit is too large"},
	{TopicAuthorizationFailed, "TOPIC_AUTHORIZATION_FAILED", 0, "not authorized for the topic"},
	{GroupAuthorizationFailed, "GROUP_AUTHORIZATION_FAILED", 0, "not authorized for the group"},
	{ClusterAuthorizationFailed, "CLUSTER_AUTHORIZATION_FAILED", fatal, "not authorized for the cluster"},
	{InvalidTimestamp, "INVALID_TIMESTAMP", 0, "a record's timestamp is outside what the topic allows"},
	{UnsupportedSaslMechanism, "UNSUPPORTED_SASL_MECHANISM", 0, "the broker does not offer the SASL mechanism"},
	{IllegalSaslState, "ILLEGAL_SASL_STATE", 0, "the request does not belong at this point of the authentication"},
	{UnsupportedVersion, "UNSUPPORTED_VERSION", fatal, "the broker does not have the version of the API"},
	{TopicAlreadyExists, "TOPIC_ALREADY_EXISTS", 0, "there is a topic of that name"},
	{InvalidPartitions, "INVALID_PARTITIONS", 0, "the number of partitions is not possible"},
	{InvalidReplicationFactor, "INVALID_REPLICATION_FACTOR", 0, "the replication factor is below 1 or above the number of brokers"},
	{InvalidReplicaAssignment, "INVALID_REPLICA_ASSIGNMENT", 0, "the assignment of replicas is not possible"},
	{InvalidConfig, "INVALID_CONFIG", 0, "the configuration is not possible"},
	{NotController, "NOT_CONTROLLER", retriable, "the broker is not the controller"},
	{InvalidRequest, "INVALID_REQUEST", 0, "the broker could not make sense of the request; its log says more"},
	{UnsupportedForMessageFormat, "UNSUPPORTED_FOR_MESSAGE_FORMAT", 0, "the topic's message format is too old for the request"},
	{PolicyViolation, "POLICY_VIOLATION", 0, "the broker's policy forbids it"},
	{OutOfOrderSequenceNumber, "OUT_OF_ORDER_SEQUENCE_NUMBER", 0, "the batch's sequence number is not the next one: a batch before it is missing"},
	{DuplicateSequenceNumber, "DUPLICATE_SEQUENCE_NUMBER", 0, "the batch was written before"},
	{InvalidProducerEpoch, "INVALID_PRODUCER_EPOCH", 0, "the producer's epoch is older than the one the broker knows"},
	{InvalidTxnState, "INVALID_TXN_STATE", 0, "the operation is not possible in the transaction's state"},
	{InvalidProducerIDMapping, "INVALID_PRODUCER_ID_MAPPING", 0, "the producer id is not the transactional id's"},
	{InvalidTransactionTimeout, "INVALID_TRANSACTION_TIMEOUT", 0, "the transaction timeout is above the broker's transaction.max.timeout.ms"},
	{ConcurrentTransactions, "CONCURRENT_TRANSACTIONS", retriable, "another operation on the transaction is under way"},
	{TransactionCoordinatorFenced, "TRANSACTION_COORDINATOR_FENCED", 0, "a newer transaction coordinator has taken over"},
	{TransactionalIDAuthorizationFailed, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", fatal, "not authorized for the transactional id"},
	{SecurityDisabled, "SECURITY_DISABLED", 0, "the broker has no security switched on"},
	{OperationNotAttempted, "OPERATION_NOT_ATTEMPTED", 0, "the broker did not try, since something else of the request failed"},
	{KafkaStorageError, "KAFKA_STORAGE_ERROR", retriable | refresh, "the broker's disk failed"},
	{LogDirNotFound, "LOG_DIR_NOT_FOUND", 0, "the broker has no such log directory"},
	{SaslAuthenticationFailed, "SASL_AUTHENTICATION_FAILED", 0, "authentication failed"},
	{UnknownProducerID, "UNKNOWN_PRODUCER_ID", 0, "the broker no longer knows the producer id, perhaps since all of its records are past their retention"},
	{ReassignmentInProgress, "REASSIGNMENT_IN_PROGRESS", 0, "the partition is being reassigned"},
	{DelegationTokenAuthDisabled, "DELEGATION_TOKEN_AUTH_DISABLED", 0, "delegation tokens are switched off"},
	{DelegationTokenNotFound, "DELEGATION_TOKEN_NOT_FOUND", 0, "the broker does not know the delegation token"},
	{DelegationTokenOwnerMismatch, "DELEGATION_TOKEN_OWNER_MISMATCH", 0, "the principal may neither own nor renew the delegation token"},
	{DelegationTokenRequestNotAllowed, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", 0, "delegation tokens can't be requested on a connection of this kind"},
	{DelegationTokenAuthorizationFailed, "DELEGATION_TOKEN_AUTHORIZATION_FAILED", 0, "not authorized for the delegation token"},
	{DelegationTokenExpired, "DELEGATION_TOKEN_EXPIRED", 0, "the delegation token has expired"},
	{InvalidPrincipalType, "INVALID_PRINCIPAL_TYPE", 0, "the broker does not know the principal's type"},
	{NonEmptyGroup, "NON_EMPTY_GROUP", 0, "the group still has members"},
	{GroupIDNotFound, "GROUP_ID_NOT_FOUND", 0, "there is no such group"},
	{FetchSessionIDNotFound, "FETCH_SESSION_ID_NOT_FOUND", retriable, "the broker does not know the fetch session"},
	{InvalidFetchSessionEpoch, "INVALID_FETCH_SESSION_EPOCH", retriable, "the fetch session's epoch is not the expected one"},
	{ListenerNotFound, "LISTENER_NOT_FOUND", retriable | refresh, "the partition's leader has no listener of that name"},
	{TopicDeletionDisabled, "TOPIC_DELETION_DISABLED", 0, "topics can't be deleted on this cluster"},
	{FencedLeaderEpoch, "FENCED_LEADER_EPOCH", retriable | refresh, "the leader epoch is older than the broker's"},
	{UnknownLeaderEpoch, "UNKNOWN_LEADER_EPOCH", retriable, "the leader epoch is newer than the broker's"},
	{UnsupportedCompressionType, "UNSUPPORTED_COMPRESSION_TYPE", 0, "the compression type can't be used with this version or topic"},
	{StaleBrokerEpoch, "STALE_BROKER_EPOCH", 0, "the broker's epoch is out of date"},
	{OffsetNotAvailable, "OFFSET_NOT_AVAILABLE", retriable, "the leader is new and can't tell the offset yet"},
	{MemberIDRequired, "MEMBER_ID_REQUIRED", 0, "join again with the member id that came with this answer"},
	{PreferredLeaderNotAvailable, "PREFERRED_LEADER_NOT_AVAILABLE", retriable | refresh, "the preferred leader is not available"},
	{GroupMaxSizeReached, "GROUP_MAX_SIZE_REACHED", 0, "the group is full"},
	{FencedInstanceID, "FENCED_INSTANCE_ID", 0, "another member with the same group.instance.id has taken over"},
	{EligibleLeadersNotAvailable, "ELIGIBLE_LEADERS_NOT_AVAILABLE", retriable | refresh, "no replica that may lead is available"},
	{ElectionNotNeeded, "ELECTION_NOT_NEEDED", retriable | refresh, "the partition needs no leader election"},
	{NoReassignmentInProgress, "NO_REASSIGNMENT_IN_PROGRESS", 0, "the partition is not being reassigned"},
	{GroupSubscribedToTopic, "GROUP_SUBSCRIBED_TO_TOPIC", 0, "the group is subscribed to the topic"},
	{InvalidRecord, "INVALID_RECORD", 0, "the broker's validation refused a record"},
	{UnstableOffsetCommit, "UNSTABLE_OFFSET_COMMIT", retriable, "a transaction on the offsets is still open"},
	{ThrottlingQuotaExceeded, "THROTTLING_QUOTA_EXCEEDED", retriable, "the quota is used up for now"},
	{ProducerFenced, "PRODUCER_FENCED", fatal, "a newer producer with the same transactional id has taken over"},
	{ResourceNotFound, "RESOURCE_NOT_FOUND", 0, "the request names a resource that does not exist"},
	{DuplicateResource, "DUPLICATE_RESOURCE", 0, "the request names a resource twice"},
	{UnacceptableCredential, "UNACCEPTABLE_CREDENTIAL", 0, "the credential does not meet the broker's conditions"},
	{InconsistentVoterSet, "INCONSISTENT_VOTER_SET", 0, "sender or receiver is not among the expected voters"},
	{InvalidUpdateVersion, "INVALID_UPDATE_VERSION", 0, "the update's version is not possible"},
	{FeatureUpdateFailed, "FEATURE_UPDATE_FAILED", 0, "the finalized features could not be updated"},
	{PrincipalDeserializationFailure, "PRINCIPAL_DESERIALIZATION_FAILURE", 0, "a forwarded request's principal could not be read: the brokers' security setup is at fault"},
	{SnapshotNotFound, "SNAPSHOT_NOT_FOUND", 0, "there is no such snapshot"},
	{PositionOutOfRange, "POSITION_OUT_OF_RANGE", 0, "the position is outside the snapshot"},
	{UnknownTopicID, "UNKNOWN_TOPIC_ID", retriable | refresh, "the broker does not host a topic with the id"},
	{DuplicateBrokerRegistration, "DUPLICATE_BROKER_REGISTRATION", 0, "another broker uses the broker id"},
	{BrokerIDNotRegistered, "BROKER_ID_NOT_REGISTERED", 0, "no broker is registered under the id"},
	{InconsistentTopicID, "INCONSISTENT_TOPIC_ID", retriable | refresh, "the topic id is not the one of the log: the topic may have been created anew"},
	{InconsistentClusterID, "INCONSISTENT_CLUSTER_ID", 0, "the cluster id is not this cluster's"},
	{TransactionalIDNotFound, "TRANSACTIONAL_ID_NOT_FOUND", 0, "there is no such transactional id"},
	{FetchSessionTopicIDError, "FETCH_SESSION_TOPIC_ID_ERROR", retriable, "the fetch session mixes topic ids and names"},
	{IneligibleReplica, "INELIGIBLE_REPLICA", 0, "a replica may not join the in-sync replicas"},
	{NewLeaderElected, "NEW_LEADER_ELECTED", 0, "the partition was altered and has another leader now"},
	{OffsetMovedToTieredStorage, "OFFSET_MOVED_TO_TIERED_STORAGE", 0, "the offset is in tiered storage now"},
	{FencedMemberEpoch, "FENCED_MEMBER_EPOCH", 0, "the member's epoch is fenced: give up all partitions and join again"},
	{UnreleasedInstanceID, "UNRELEASED_INSTANCE_ID", 0, "another member still uses the instance id"},
	{UnsupportedAssignor, "UNSUPPORTED_ASSIGNOR", 0, "the group does not have the assignor or its version"},
	{StaleMemberEpoch, "STALE_MEMBER_EPOCH", 0, "the member's epoch is out of date: wait for the next heartbeat"},
	{MismatchedEndpointType, "MISMATCHED_ENDPOINT_TYPE", 0, "the request went to an endpoint of the wrong kind"},
	{UnsupportedEndpointType, "UNSUPPORTED_ENDPOINT_TYPE", 0, "the kind of endpoint is not supported yet"},
	{UnknownControllerID, "UNKNOWN_CONTROLLER_ID", 0, "there is no controller with the id"},
	{UnknownSubscriptionID, "UNKNOWN_SUBSCRIPTION_ID", 0, "the telemetry subscription is unknown or out of date"},
	{TelemetryTooLarge, "TELEMETRY_TOO_LARGE", 0, "the telemetry is larger than the broker takes"},
	{InvalidRegistration, "INVALID_REGISTRATION", 0, "the controller refused the broker's registration"},
	{TransactionAbortable, "TRANSACTION_ABORTABLE", 0, "the transaction failed: abort it to go on"},
	{InvalidRecordState, "INVALID_RECORD_STATE", 0, "the delivery can't be acknowledged in the record's state"},
	{ShareSessionNotFound, "SHARE_SESSION_NOT_FOUND", retriable, "the broker does not know the share session"},
	{InvalidShareSessionEpoch, "INVALID_SHARE_SESSION_EPOCH", retriable, "the share session's epoch is not the expected one"},
	{FencedStateEpoch, "FENCED_STATE_EPOCH", 0, "the state's epoch is not the coordinator's"},
	{InvalidVoterKey, "INVALID_VOTER_KEY", 0, "the voter key is not the replica's"},
	{DuplicateVoter, "DUPLICATE_VOTER", 0, "the voter is one already"},
	{VoterNotFound, "VOTER_NOT_FOUND", 0, "there is no such voter"},
	{InvalidRegularExpression, "INVALID_REGULAR_EXPRESSION", 0, "the regular expression is not one"},
	{RebootstrapRequired, "REBOOTSTRAP_REQUIRED", 0, "the client's metadata is of no use any more: start again from the bootstrap servers"},
	{StreamsInvalidTopology, "STREAMS_INVALID_TOPOLOGY", 0, "the topology is not possible"},
	{StreamsInvalidTopologyEpoch, "STREAMS_INVALID_TOPOLOGY_EPOCH", 0, "the topology's epoch is not possible"},
	{StreamsTopologyFenced, "STREAMS_TOPOLOGY_FENCED", 0, "the topology's epoch is out of date"},
	{ShareSessionLimitReached, "SHARE_SESSION_LIMIT_REACHED", retriable, "the broker has as many share sessions as it may"},
	{GroupDeletionFailed, "GROUP_DELETION_FAILED", 0, "groups could not be deleted; each has its own message"},
	{StreamsTopologyDescriptionUpdateFailed, "STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED", 0, "the description of the topology could not be updated"},
	{ControllerIDNotRegistered, "CONTROLLER_ID_NOT_REGISTERED", 0, "no controller is registered under the id"},
}
