namespace LogDomain.Sequences;

/// <summary>Paths as a whole and one that is drawn from them: a value of <see cref="SamplingSemiring"/>.</summary>
/// <param name="LogWeight">The logarithm of their sum.</param>
/// <param name="Path">The path drawn, each with its part of the sum as probability.</param>
/// <param name="Key">What the random numbers of later sums depend on: the seed, and all that has gone into the value.</param>
public readonly record struct PathSample(double LogWeight, LabelPath? Path, ulong Key)
{
    /// <summary>The states from the first to the last.</summary>
    public int[] ToArray() => LabelPath.ToArray(Path);
}
