package client

import (
	"errors"
	"fmt"
)

// How the client finds the cluster: by bootstrap.servers, each of them a node with a negative id until it is known who
// the brokers are; and once more when those can't be reached any more. All of it runs on the control goroutine.

// bootstrap makes bootstrap.servers the way to the cluster.
func (s *control) bootstrap() {
	s.boot = true
	for i, b := range s.servers {
		id := int32(-1 - i)
		n := s.nodes.get(id)
		if n == nil {
			n = &node{id: id, broker: b, at: s.place(b)}
			s.nodes.add(n)
		}
		n.at.server, n.retired = true, false
	}
}

// rebootstrap begins again with bootstrap.servers. What is known of topics stays until there is an answer, so that records
// still find their partitions. With distrust, connections to the known brokers end.
func (s *control) rebootstrap(reason string, distrust bool) {
	if s.cfg.MetadataRecoveryStrategy != Rebootstrap || s.closing {
		return
	}
	if !s.reported {
		s.reported = true
		s.log.Warn("starting again with bootstrap.servers", "reason", reason)
	}
	s.distrust = s.distrust || distrust
	s.bootstrap()
	if distrust {
		for _, n := range s.nodes {
			if !n.bootstrap() {
				s.disconnect(n, fmt.Errorf("starting again with bootstrap.servers: %s", reason))
			}
		}
	}
	s.meta.refresh()
}

// bootstrapped leaves bootstrap.servers, after an answer that names brokers.
func (s *control) bootstrapped() { s.boot, s.distrust = false, false }

// checkOverdue begins again with bootstrap.servers when metadata failed for too long (KIP-1102), and returns when that
// will be.
func (s *control) checkOverdue() (due instant) {
	if s.boot || s.cfg.MetadataRecoveryStrategy != Rebootstrap {
		return never
	}
	trigger := s.cfg.MetadataRecoveryRebootstrapTrigger
	if trigger <= 0 && !s.meta.failed {
		return never // at once, but not before the first failure
	}
	at := s.meta.overdue(trigger)
	if at > s.now {
		return at
	}
	s.rebootstrap("no metadata within "+s.cfg.MetadataRecoveryRebootstrapTrigger.String()+
		" (metadata.recovery.rebootstrap.trigger.ms)", true)
	return never
}

// checkResolved gives up when no bootstrap server could be resolved in time, and returns when that will be.
func (s *control) checkResolved() (due instant) {
	if s.resolved || s.cfg.BootstrapResolveTimeout == 0 || s.cfg.Dial != nil && s.cfg.lookup == nil {
		return never
	}
	at := s.started.add(s.cfg.BootstrapResolveTimeout)
	if at > s.now {
		return at
	}
	_, _, trouble := s.state()
	if trouble == nil {
		trouble = fmt.Errorf("no answer within %v (bootstrap.resolve.timeout.ms)", s.cfg.BootstrapResolveTimeout)
	}
	err := &BootstrapError{Servers: s.cfg.BootstrapServers, Err: trouble}
	s.log.Error("giving up", "error", err)
	s.giveUp(err)
	for _, a := range s.any {
		s.reject(a.call, err)
	}
	s.any = nil
	for _, n := range s.nodes {
		s.disconnect(n, err)
	}
	s.dead = true
	return never
}

// resolveServers resolves bootstrap.servers before the client begins, as Kafka's client does in its constructor: it is an
// error when none can be, and a line in the log when one can't.
func (s *control) resolveServers() error {
	var failed []error
	for _, n := range s.nodes {
		ctx, cancel := bounded(s.ctx, s.cfg.SocketConnectionSetupTimeoutMax)
		targets, err := resolve(ctx, s.lookup, n.broker, s.cfg.ClientDNSLookup == ResolveCanonicalBootstrapServersOnly)
		cancel()
		if err != nil {
			s.log.Warn("cannot resolve a bootstrap server", "addr", n.at.addr, "error", err)
			failed = append(failed, err)
			continue
		}
		n.addrs.set(n.at.addr, targets)
	}
	if len(failed) == len(s.nodes) {
		return &BootstrapError{Servers: s.cfg.BootstrapServers, Err: errors.Join(failed...)}
	}
	s.resolved = true
	return nil
}
