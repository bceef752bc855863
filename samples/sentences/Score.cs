namespace Sentences;

/// <summary>How many tags are right, and of those with a certain bit how many have been found and how many of what has been found are there.</summary>
internal sealed record Score(double Accuracy, double Precision, double Recall)
{
    public double F1 => Precision + Recall > 0 ? 2 * Precision * Recall / (Precision + Recall) : 0;

    public static Score Of(IReadOnlyList<int> right, IReadOnlyList<int> found, int bit)
    {
        int both = Count((r, f) => r && f);
        return new(
            (double)Count((r, f) => r == f) / right.Count,
            (double)both / Math.Max(1, Count((_, f) => f)),
            (double)both / Math.Max(1, Count((r, _) => r)));

        int Count(Func<bool, bool, bool> counts) => right.Zip(found).Count(pair => counts((pair.First & bit) != 0, (pair.Second & bit) != 0));
    }
}
