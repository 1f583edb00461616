package kafkaproducer.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the process has used. */
final class Usage {
    private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** CPU time of the process so far, in nanoseconds. */
    static long cpuNanos() {
        return SYSTEM.getProcessCpuTime();
    }

    /** CPU time of the threads that there are, in nanoseconds: finer than cpuNanos, which counts in hundredths of a second. */
    static long threadNanos() {
        long sum = 0;
        File[] threads = new File("/proc/self/task").listFiles();
        for (File thread : threads == null ? new File[0] : threads) {
            try {
                sum += Long.parseLong(Files.readString(thread.toPath().resolve("schedstat")).split(" ")[0]);
            } catch (IOException e) {
                // It has ended.
            }
        }
        return sum;
    }

    /** The most memory that was resident at once, in MB; 0 where /proc doesn't tell. */
    static double peakMegabytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024 / 1e6;
                }
            }
        } catch (IOException e) {
            // Not Linux.
        }
        return 0;
    }

    private Usage() {}
}
