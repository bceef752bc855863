namespace LogDomain.Tests.Sequences;

/// <summary>CTC by enumeration of all paths, and by the recurrence in logarithms, state by state.</summary>
internal static class CtcOracle
{
    /// <summary>Repeats merged, blanks out.</summary>
    public static int[] Collapse(IReadOnlyList<int> path, int blank) =>
        [.. path.Where((c, t) => c != blank && (t == 0 || path[t - 1] != c))];

    /// <summary>Every path of so many frames.</summary>
    public static IEnumerable<int[]> Paths(int frames, int classes)
    {
        int count = (int)Math.Pow(classes, frames);
        for (int code = 0; code < count; code++)
        {
            int[] path = new int[frames];
            for (int t = 0, rest = code; t < frames; t++, rest /= classes)
            {
                path[t] = rest % classes;
            }

            yield return path;
        }
    }

    public static double[] LogSoftMax(double[] x, int classes)
    {
        double[] y = new double[x.Length];
        for (int t = 0; t < x.Length; t += classes)
        {
            double lse = LogPrimitives.LogSumExp<double>(x.AsSpan(t, classes));
            for (int c = 0; c < classes; c++)
            {
                y[t + c] = x[t + c] - lse;
            }
        }

        return y;
    }

    /// <summary>The loss and the shares of classes in frames, from log-probabilities.</summary>
    public static (double Loss, double[] Shares) Enumerate(double[] logProbabilities, int classes, int[] target, int blank)
    {
        int frames = logProbabilities.Length / classes;
        List<(int[] Path, double Score)> paths = [];
        foreach (int[] path in Paths(frames, classes))
        {
            if (Collapse(path, blank).SequenceEqual(target))
            {
                paths.Add((path, path.Select((c, t) => logProbabilities[(t * classes) + c]).Sum()));
            }
        }

        double total = LogPrimitives.LogSumExp<double>([.. paths.Select(path => path.Score)]);
        double[] shares = new double[logProbabilities.Length];
        foreach ((int[] path, double score) in paths)
        {
            for (int t = 0; t < frames; t++)
            {
                shares[(t * classes) + path[t]] += Math.Exp(score - total);
            }
        }

        return (0 - total, shares);
    }

    /// <summary>The loss by the recurrence over 2 S + 1 states in logarithms.</summary>
    public static double Recurrence(double[] logProbabilities, int classes, int[] target, int blank)
    {
        int frames = logProbabilities.Length / classes, states = (2 * target.Length) + 1;
        double[] alpha = new double[states];
        Array.Fill(alpha, double.NegativeInfinity);
        for (int t = 0; t < frames; t++)
        {
            double[] next = new double[states];
            for (int s = 0; s < states; s++)
            {
                int c = s % 2 == 0 ? blank : target[s / 2];
                double sum = t == 0 && s < 2 ? 0 : alpha[s];
                sum = s > 0 ? LogMath.LogAddExp(sum, alpha[s - 1]) : sum;
                sum = s > 1 && s % 2 == 1 && c != target[(s / 2) - 1] ? LogMath.LogAddExp(sum, alpha[s - 2]) : sum;
                next[s] = sum + logProbabilities[(t * classes) + c];
            }

            alpha = next;
        }

        return 0 - (states == 1 ? alpha[0] : LogMath.LogAddExp(alpha[^1], alpha[^2]));
    }
}
