package delivery

// digest is a hash of Actions, for the journal.
type digest uint64

func (d *digest) add(values ...int64) {
	for _, v := range values {
		*d = (*d ^ digest(v)) * 0x100000001b3 // FNV-1a, a word at a time
	}
}

// digest returns a hash of all that a asks for and says, 0 if that is nothing.
func (a *Actions) digest() uint32 {
	if len(a.Freed)+len(a.Outcomes)+len(a.Send)+len(a.Connect)+len(a.Notes) == 0 && !a.RefreshMetadata && !a.NewProducerID {
		return 0
	}
	d := digest(1)
	d.add(int64(len(a.Freed))<<32|int64(len(a.Outcomes)),
		int64(len(a.Send))<<40|int64(len(a.Connect))<<20|int64(len(a.Notes))<<2|bit(a.RefreshMetadata)<<1|bit(a.NewProducerID))
	for _, b := range a.Freed {
		d.add(int64(b.number))
	}
	for _, b := range a.Outcomes {
		o := &b.Outcome
		d.add(int64(b.number), errorValue(o.Err)<<4|int64(o.Certainty)<<1|bit(o.Gap), o.BaseOffset, o.LogAppendTime, int64(b.Attempts))
	}
	for _, r := range a.Send {
		d.add(int64(r.serial), int64(r.Node)<<32|int64(len(r.Batches)))
		for _, b := range r.Batches {
			d.add(int64(b.number), b.ProducerID, int64(b.Count)<<32|int64(b.BaseSequence), int64(b.ProducerEpoch)<<1|bit(b.numbered))
		}
	}
	for _, id := range a.Connect {
		d.add(int64(id))
	}
	for _, n := range a.Notes {
		d.add(int64(n.Event), errorValue(n.Err), n.ID, int64(n.Epoch), int64(n.After), int64(n.Size))
		if n.Partition != nil {
			d.add(int64(n.Partition.number))
		}
	}
	return max(uint32(d^d>>32), 1)
}
