using LogDomain;

namespace AlignmentPosterior;

/// <summary>Emissions as a recogniser of speech makes them: blanks with short peaks of letters, some of them wrong.</summary>
internal static class Speech
{
    public const string Word = "hello", Letters = "_ehlo";

    public const int Frames = 40, Classes = 5;

    public static (double[] LogProbabilities, int[] Target) Emissions()
    {
        double[] logits = new double[Frames * Classes];
        int[] target = [.. Word.Select(letter => Letters.IndexOf(letter, StringComparison.Ordinal))];
        for (int t = 0; t < Frames; t++)
        {
            logits[t * Classes] = 2;
            for (int i = 0; i < target.Length; i++)
            {
                // A peak of three frames or so for each letter, and half of one where the recogniser hears another.
                double distance = t - 4 - (7.5 * i);
                logits[(t * Classes) + target[i]] += 4 * Math.Exp(-distance * distance / 6);
                logits[(t * Classes) + 1 + (target[i] % (Classes - 1))] += 2 * Math.Exp(-(distance - 2) * (distance - 2) / 6);
            }
        }

        LogPrimitives.LogSoftMaxRows<double>(logits, Classes, logits);
        return (logits, target);
    }
}
