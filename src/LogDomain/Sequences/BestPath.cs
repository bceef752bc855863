namespace LogDomain.Sequences;

/// <summary>A path and its score: a value of <see cref="MaxSemiring"/>.</summary>
/// <param name="Score">The sum of its scores.</param>
/// <param name="Path">Its states; null if there are none.</param>
public readonly record struct BestPath(double Score, LabelPath? Path)
{
    /// <summary>The states from the first to the last.</summary>
    public int[] ToArray() => LabelPath.ToArray(Path);
}
