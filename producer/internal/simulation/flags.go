package simulation

import (
	"flag"
	"time"
)

// Seeds is how many schedules the simulations run; 0: as many as take a few seconds. FirstSeed is where they begin, Progress how
// often they say how far they are.
var (
	Seeds     = flag.Uint64("seeds", 0, "how many schedules each simulation runs; 0: what takes a few seconds")
	FirstSeed = flag.Uint64("seed", 0, "the first schedule of the simulations")
	Progress  = flag.Duration("progress", time.Minute, "how often a simulation says, with -test.v, how far it is")
)

// Profiled says that go test writes a profile of memory.
func Profiled() bool { return flag.Lookup("test.memprofile").Value.String() != "" }
