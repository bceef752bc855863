using LogDomain.Attention;
using LogDomain.Peers.Linear;
using LogDomain.Peers.Peers;

namespace LogDomain.Peers.Attention;

/// <summary>The backward pass with an option, and what the gradient by that option adds to it.</summary>
internal sealed class AttentionOptionCosts(Report report, Options options)
{
    private static readonly AttentionShape Shape = new(1, 8, 8, 1024, 1024, 64, 64);

    public void Write()
    {
        int queries = Shape.QueryLength, keys = Shape.KeyLength;
        float[] sinks = LinearSpeeds.Sample(Shape.Heads, 1, seed: 6), pairs = LinearSpeeds.Sample(Shape.Heads * queries * keys, 1, seed: 7);
        report.Line($"### Gradients by options of attention, float, {Shape.Heads} heads, {queries:#,##0} x {keys:#,##0} x {Shape.HeadSize}");
        report.Line();
        report.Row(["option", "threads", $"{OursPeer.Label}, backward, ms", "x no option", "with the gradient by the option, ms", "x backward"]);
        report.Rule(5);
        foreach (int threads in options.Threads)
        {
            Machine.Pin(pinned: threads == 1);
            (string Name, AttentionOptions Options)[] cases =
            [
                ("none", new() { MaxDegreeOfParallelism = threads }),
                ("sinks", new() { MaxDegreeOfParallelism = threads, Sinks = sinks }),
                ("ALiBi slopes", new() { MaxDegreeOfParallelism = threads, AlibiSlopes = Alibi.Slopes(Shape.Heads) }),
                ("bias of keys", new() { MaxDegreeOfParallelism = threads, Bias = new(pairs.AsMemory(0, keys), 1, 1, 1, keys) }),
                ("bias of queries and keys", new() { MaxDegreeOfParallelism = threads, Bias = new(pairs.AsMemory(0, queries * keys), 1, 1, queries, keys) }),
                ("bias of heads, queries and keys", new() { MaxDegreeOfParallelism = threads, Bias = new(pairs, 1, Shape.Heads, queries, keys) }),
            ];
            Write(cases, threads);
        }
    }

    private void Write((string Name, AttentionOptions Options)[] cases, int threads)
    {
        int rows = Shape.Heads * Shape.QueryLength, length = rows * Shape.HeadSize;
        float[] query = LinearSpeeds.Sample(length, 1.7f, seed: 1), key = LinearSpeeds.Sample(length, 1.7f, seed: 2), value = LinearSpeeds.Sample(length, 1, seed: 3), gradient = LinearSpeeds.Sample(length, 1, seed: 5);
        float[] ofQuery = new float[length], ofKey = new float[length], ofValue = new float[length];
        Dictionary<string, Contestant> contestants = [];
        foreach ((string name, AttentionOptions own) in cases)
        {
            float[] output = new float[length], logSumExp = new float[rows];
            float[] bias = new float[(own.Bias?.Values ?? default).Length], slopes = new float[own.AlibiSlopes.Length], sinks = new float[own.Sinks.Length];
            ScaledDotProductAttention.Forward<float>(query, key, value, output, logSumExp, Shape, own);
            contestants[name] = new(() => ScaledDotProductAttention.Backward<float>(query, key, value, output, logSumExp, gradient, default, ofQuery, ofKey, ofValue, Shape, own));
            contestants[WithGradient(name)] = new(() => ScaledDotProductAttention.Backward<float>(
                query, key, value, output, logSumExp, gradient, default, ofQuery, ofKey, ofValue, Shape, own, new() { Bias = bias, AlibiSlopes = slopes, Sinks = sinks }));
        }

        contestants.Remove(WithGradient(cases[0].Name));
        Dictionary<string, double[]> seconds = Measurement.Run(contestants, options.Rounds, TimeSpan.FromMilliseconds(options.Sample), threads);
        foreach ((string name, _) in cases)
        {
            bool hasGradient = name != cases[0].Name;
            report.Row(
            [
                name,
                $"{threads}",
                Milliseconds(seconds[name]),
                Ratio(seconds[name], seconds[cases[0].Name]),
                hasGradient ? Milliseconds(seconds[WithGradient(name)]) : "",
                hasGradient ? Ratio(seconds[WithGradient(name)], seconds[name]) : "",
            ]);
        }
    }

    private static string WithGradient(string name) => name + ", with its gradient";

    private static string Milliseconds(double[] seconds) => Report.Number(1e3 * Median(seconds), "0.00");

    private static string Ratio(double[] seconds, double[] others) => Report.Number(Median([.. seconds.Zip(others, (one, other) => one / other)]), "0.00");

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
