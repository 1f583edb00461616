package kafkaproducer.interop;

import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;

/**
 * Runs another program of this class path on a leash: standard input, of which the test holds the other end. When that ends,
 * however it ends, the program ends too. So nothing is left running when a test binary is killed.
 *
 * <p>Arguments: the class whose main is to be run, and its arguments.
 */
public final class Leash {
    public static void main(String[] args) throws Throwable {
        Thread leash = new Thread(Leash::awaitEndOfInput, "leash");
        leash.setDaemon(true);
        leash.start();
        try {
            Class.forName(args[0]).getMethod("main", String[].class).invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (java.io.IOException e) {
            System.err.println("leash: " + e);
        }
        Runtime.getRuntime().halt(3);
    }

    private Leash() {}
}
