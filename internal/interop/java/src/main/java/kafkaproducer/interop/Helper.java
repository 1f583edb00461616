package kafkaproducer.interop;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Kafka's own clients behind a line protocol, so that a test pays for one JVM and not for one a question.
 *
 * <p>A request is one line of JSON on standard input ({@link Request}). Its answer is any number of lines that
 * begin with 'r' (one JSON item each), and then one line that begins with '=' (JSON, the result) or '!' (the error's
 * text as a JSON string). Requests are answered one after another. The program ends with its input.
 */
public final class Helper {
    static final ObjectMapper JSON = new ObjectMapper()
        .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, true);

    /** Takes the items of an answer as they come. */
    interface Items {
        void add(Object item) throws IOException;
    }

    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.UTF_8);
        // Whatever else prints must not get into the protocol.
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 16);
        // Input is read beside the work, so that its end is seen even while a client waits for a broker that is gone.
        ExecutorService worker = Executors.newSingleThreadExecutor();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String request = line;
            worker.execute(() -> answer(request, out));
        }
        Runtime.getRuntime().halt(0);
    }

    private static void answer(String line, PrintStream out) {
        Items items = item -> out.append('r').append(JSON.writeValueAsString(item)).append('\n');
        try {
            Object result = run(JSON.readValue(line, Request.class), items);
            out.append('=').append(JSON.writeValueAsString(result)).append('\n');
        } catch (Throwable e) {
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            cause.printStackTrace();
            out.append('!').append(JSON.valueToTree(cause.toString()).toString()).append('\n');
        }
        out.flush();
    }

    private static Object run(Request r, Items items) throws Exception {
        return switch (r.op) {
            case "nodes" -> Admins.nodes(r);
            case "create" -> Admins.create(r);
            case "delete" -> Admins.delete(r);
            case "grow" -> Admins.grow(r);
            case "describe" -> Admins.describe(r);
            case "controller" -> Admins.controller(r);
            case "elect" -> Admins.elect(r);
            case "reassign" -> Admins.reassign(r);
            case "read" -> Reader.read(r, items);
            case "verify" -> Numbered.verify(r);
            case "positions" -> Load.positions(r);
            case "write" -> Writer.write(r, items);
            case "number" -> Numbered.write(r);
            default -> throw new IllegalArgumentException("no such op: " + r.op);
        };
    }

    private Helper() {}
}
