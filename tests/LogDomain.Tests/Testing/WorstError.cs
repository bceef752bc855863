using System.Numerics;
using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Testing;

/// <summary>The largest error of many results, in ulps of <typeparamref name="T"/>, and the input that gave it.</summary>
internal sealed class WorstError<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly Format Format =
        typeof(T) == typeof(double) ? Format.Binary64
        : typeof(T) == typeof(float) ? Format.Binary32
        : typeof(T) == typeof(Half) ? Format.Binary16 : Format.BFloat16;

    private double _ulps = -1;
    private string _where = "";

    /// <summary>Counts the distance of the result from the exact value, whose own ulp is the unit.</summary>
    public void See<TReal>(T actual, TReal exact, Func<string> where)
        where TReal : struct, IReal<TReal> =>
        See(Ulp.Error(double.CreateTruncating(actual), exact, Format), actual, exact.ToDouble, where);

    /// <summary>Counts it in ulps of another, larger number.</summary>
    public void SeeAgainst<TReal>(T actual, TReal exact, double scale, Func<string> where)
        where TReal : struct, IReal<TReal>
    {
        double error = double.PositiveInfinity;
        if (T.IsFinite(actual))
        {
            TReal distance = TReal.Abs(TReal.From(double.CreateTruncating(actual)) - exact);
            error = TReal.ScaleB(distance, -Format.UlpExponent(scale == 0 ? Format.MinExponent : Math.ILogB(scale))).ToDouble();
        }

        See(error, actual, exact.ToDouble, where);
    }

    public void AssertWithin(double limit)
    {
        Assert.True(_ulps <= limit, $"{_ulps:G4} ulp, but {limit} is the limit: {_where}");
    }

    private void See(double ulps, T actual, Func<double> exact, Func<string> where)
    {
        if (ulps <= _ulps)
            return;

        _ulps = ulps;
        _where = $"{where()}: {actual:R} instead of {exact():R}";
    }
}
