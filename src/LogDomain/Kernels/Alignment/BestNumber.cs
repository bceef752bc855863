namespace LogDomain.Kernels.Alignment;

/// <summary>The best of paths: + is the larger logarithm, * the sum of logarithms.</summary>
internal readonly record struct BestNumber(double Log) : IPathNumber<BestNumber>
{
    public static BestNumber Nothing => new(double.NegativeInfinity);

    public static BestNumber FromLog(double value) => new(value);

    public static BestNumber operator +(BestNumber left, BestNumber right) => new(Math.Max(left.Log, right.Log));

    public static BestNumber operator *(BestNumber left, BestNumber right) => new(left.Log + right.Log);

    public BestNumber Normalised() => this;
}
