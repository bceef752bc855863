using System.Numerics;

namespace LogDomain.Kernels.Elementwise;

/// <summary>Functions of numbers: the lanes' functions with one lane.</summary>
internal static class Scalar
{
    public static T Of<TFunction, T>(T x)
        where TFunction : IFunction
        where T : IBinaryFloatingPointIeee754<T>
    {
        double value = double.CreateTruncating(x);
        ScalarLane y = IsNarrow<T>()
            ? TFunction.Of<ScalarLane, ForSingle>(new(value), out uint rare)
            : TFunction.Of<ScalarLane, ForDouble>(new(value), out rare);
        return T.CreateTruncating(rare == 0 ? y.Value : Rare<TFunction>(value));
    }

    public static T Of<TFunction, T>(T x, T y)
        where TFunction : IFunctionOfTwo
        where T : IBinaryFloatingPointIeee754<T>
    {
        double first = double.CreateTruncating(x), second = double.CreateTruncating(y);
        ScalarLane z = IsNarrow<T>()
            ? TFunction.Of<ScalarLane, ForSingle>(new(first), new(second), out uint rare)
            : TFunction.Of<ScalarLane, ForDouble>(new(first), new(second), out rare);
        return T.CreateTruncating(rare == 0 ? z.Value : Rare<TFunction>(first, second));
    }

    /// <summary>log(x) for x above 0.</summary>
    public static double Log(double x) =>
        double.IsPositiveInfinity(x) ? x
        : double.IsSubnormal(x) ? DoubleDouble.Log(x).Value
        : Elementary<ScalarLane, ForDouble>.Log(new ScalarLane(x)).Value.Value;

    /// <summary>The function of a number that the lanes left.</summary>
    public static double Rare<TFunction>(double x)
        where TFunction : IFunction => double.IsNaN(x) ? x : TFunction.Rare(x);

    public static double Rare<TFunction>(double x, double y)
        where TFunction : IFunctionOfTwo => double.IsNaN(x) || double.IsNaN(y) ? double.NaN : TFunction.Rare(x, y);

    // Any other type, such as NFloat, may be as precise as double.
    private static bool IsNarrow<T>() => typeof(T) == typeof(float) || typeof(T) == typeof(Half) || typeof(T) == typeof(BFloat16);
}
