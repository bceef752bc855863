using System.Numerics;

namespace LogDomain.Kernels.Elementwise;

/// <summary>Functions of numbers: the lanes' functions with one lane.</summary>
internal static class Scalar
{
    public static T Of<TFunction, T>(T x)
        where TFunction : IFunction
        where T : IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float) && TFunction.HasSingles)
        {
            SingleLane single = TFunction.OfSingles(new SingleLane(float.CreateTruncating(x)), out uint left);
            if (left == 0)
            {
                return T.CreateTruncating(single.Value);
            }
        }

        return T.CreateTruncating(OfDouble<TFunction, T>(double.CreateTruncating(x)));
    }

    /// <summary>The function as a double that is right for results of T.</summary>
    public static double OfDouble<TFunction, T>(double x)
        where TFunction : IFunction
    {
        ScalarLane y = IsNarrow<T>()
            ? TFunction.Of<ScalarLane, ForSingle>(new(x), out uint rare)
            : TFunction.Of<ScalarLane, ForDouble>(new(x), out rare);
        return rare == 0 ? y.Value : Rare<TFunction>(x);
    }

    public static T Of<TFunction, T>(T x, T y)
        where TFunction : IFunctionOfTwo
        where T : IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float) && TFunction.HasSingles)
        {
            SingleLane single = TFunction.OfSingles(new SingleLane(float.CreateTruncating(x)), new SingleLane(float.CreateTruncating(y)), out uint left);
            if (left == 0)
            {
                return T.CreateTruncating(single.Value);
            }
        }

        return T.CreateTruncating(OfDouble<TFunction, T>(double.CreateTruncating(x), double.CreateTruncating(y)));
    }

    public static double OfDouble<TFunction, T>(double x, double y)
        where TFunction : IFunctionOfTwo
    {
        ScalarLane z = IsNarrow<T>()
            ? TFunction.Of<ScalarLane, ForSingle>(new(x), new(y), out uint rare)
            : TFunction.Of<ScalarLane, ForDouble>(new(x), new(y), out rare);
        return rare == 0 ? z.Value : Rare<TFunction>(x, y);
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
