using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>1 / (1 + e^-x) = (1 or t) / (1 + t) with t = e^-|x|: the 1 for x >= 0.</summary>
internal readonly struct Sigmoid : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.OutsideForDouble<TLanes, TPrecision>(x, Lanes.LowestExponent, double.PositiveInfinity);
        Pair<TLanes, TPrecision> t = Softplus.ExpOfMinusAbs<TLanes, TPrecision>(x);
        Pair<TLanes, TPrecision> numerator = Pair<TLanes, TPrecision>.Select(TLanes.Less(x, TLanes.Create(0)), t, Pair<TLanes, TPrecision>.Of(TLanes.Create(1)));
        return (numerator / (t + TLanes.Create(1))).Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => true;

    public static double Rare(double x) => x > 0 ? 1 : ScalarFunctions.Exp(x);
}

/// <summary>sigmoid(x) sigmoid(-x) = t / (1 + t)^2 with t = e^-|x|.</summary>
internal readonly struct SigmoidDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.LowestExponent, -Lanes.LowestExponent);
        Pair<TLanes, TPrecision> t = Softplus.ExpOfMinusAbs<TLanes, TPrecision>(x), onePlus = t + TLanes.Create(1);
        return (t / (onePlus * onePlus)).Value;
    }

    public static double Rare(double x) => ScalarFunctions.Exp(-Math.Abs(x));
}

/// <summary>log(sigmoid(x)) = -softplus(-x).</summary>
internal readonly struct LogSigmoid : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        return -Softplus.Of<TLanes, TPrecision>(-x, out rare);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => typeof(T) == typeof(float);

    public static bool HasSingles
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes OfSingles<TLanes>(TLanes x, out uint rare)
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        return -Softplus.OfSingles(-x, out rare);
    }

    public static double Rare(double x) => -Softplus.Rare(-x);
}

/// <summary>sigmoid(-x).</summary>
internal readonly struct LogSigmoidDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        return Sigmoid.Of<TLanes, TPrecision>(-x, out rare);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => true;

    public static double Rare(double x) => Sigmoid.Rare(-x);
}

/// <summary>log(1 - sigmoid(x)) = -softplus(x).</summary>
internal readonly struct Log1MSigmoid : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        return -Softplus.Of<TLanes, TPrecision>(x, out rare);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => typeof(T) == typeof(float);

    public static bool HasSingles
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes OfSingles<TLanes>(TLanes x, out uint rare)
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        return -Softplus.OfSingles(x, out rare);
    }

    public static double Rare(double x) => -Softplus.Rare(x);
}

/// <summary>-sigmoid(x).</summary>
internal readonly struct Log1MSigmoidDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        return -Sigmoid.Of<TLanes, TPrecision>(x, out rare);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => true;

    public static double Rare(double x) => -Sigmoid.Rare(x);
}

/// <summary>
/// log|sigmoid(x) - sigmoid(y)| = log sigmoid(a) + log sigmoid(-b) + log(1 - e^(b - a)) for the larger a and the smaller b: three terms of one sign.
/// </summary>
internal readonly struct LogSigmoidDifference : IFunctionOfTwo
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        TLanes a = TLanes.Max(x, y), b = TLanes.Min(x, y);
        Pair<TLanes, TPrecision> difference = Pair<TLanes, TPrecision>.Sum(b, -a);
        rare = Lanes.Outside(difference.High, Lanes.LowestExponent, -Lanes.Tiny) | Lanes.Outside(a, -600, 600) | Lanes.Outside(b, -600, 600);
        Pair<TLanes, TPrecision> first = Elementary<TLanes, TPrecision>.Log1POfFraction(Softplus.ExpOfMinusAbs<TLanes, TPrecision>(a)) + TLanes.Max(-a, TLanes.Create(0));
        Pair<TLanes, TPrecision> second = Elementary<TLanes, TPrecision>.Log1POfFraction(Softplus.ExpOfMinusAbs<TLanes, TPrecision>(b)) + TLanes.Max(b, TLanes.Create(0));
        Pair<TLanes, TPrecision> third = LogOneMinusExp.Of(difference);
        return ((third - first) - second).Value;
    }

    public static double Rare(double x, double y)
    {
        double a = Math.Max(x, y), b = Math.Min(x, y);
        if (a == b)
        {
            return double.NegativeInfinity;
        }

        double first = double.IsPositiveInfinity(a) ? 0 : Scalar.Of<LogSigmoid, double>(a);
        double second = double.IsNegativeInfinity(b) ? 0 : Scalar.Of<LogSigmoid, double>(-b);
        return first + second + Scalar.Of<Log1MExp, double>(b - a);
    }
}
