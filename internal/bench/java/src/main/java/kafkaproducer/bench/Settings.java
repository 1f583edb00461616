package kafkaproducer.bench;

import java.util.HashMap;
import java.util.Map;

/** What the peer is asked to do: the flags of load/settings.go, each of which is given. */
final class Settings {
    private final Map<String, String> values = new HashMap<>();

    Settings(String[] args) {
        for (String arg : args) {
            int at = arg.indexOf('=');
            if (!arg.startsWith("-") || at < 0) {
                throw new IllegalArgumentException("not of the form -name=value: " + arg);
            }
            values.put(arg.substring(1, at), arg.substring(at + 1));
        }
    }

    String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("-" + name + " is missing");
        }
        return value;
    }

    long number(String name) {
        return Long.parseLong(text(name));
    }

    /** Nanoseconds of a duration as Go writes it, for instance 1m40s or 5ms. */
    long nanos(String name) {
        String rest = text(name);
        double nanos = 0;
        while (!rest.isEmpty()) {
            int digits = 0;
            while (digits < rest.length() && (Character.isDigit(rest.charAt(digits)) || rest.charAt(digits) == '.')) {
                digits++;
            }
            int end = digits;
            while (end < rest.length() && Character.isLetter(rest.charAt(end))) {
                end++;
            }
            nanos += Double.parseDouble(rest.substring(0, digits)) * unit(rest.substring(digits, end));
            rest = rest.substring(end);
        }
        return (long) nanos;
    }

    private static double unit(String name) {
        return switch (name) {
            case "h" -> 3600e9;
            case "m" -> 60e9;
            case "s" -> 1e9;
            case "ms" -> 1e6;
            case "us", "µs" -> 1e3;
            case "ns" -> 1;
            default -> throw new IllegalArgumentException("no unit of time: " + name);
        };
    }
}
