namespace LogDomain.Tests.Testing;

/// <summary>The errors that docs/numerics.md allows for the results of <typeparamref name="T"/>, in ulps.</summary>
internal static class Limits<T>
{
    public static readonly double LogSumExp = IsDouble ? 2 : 1;
    public static readonly double SoftMax = IsDouble ? 4 : 2;
    public static readonly double LogSoftMax = IsDouble ? 4 : 2;
    public static readonly double CrossEntropy = IsDouble ? 4 : 2;
    public static readonly double Scalar = IsDouble ? 2 : 1;

    private static bool IsDouble => typeof(T) == typeof(double);
}
