namespace LogDomain.Tests.Sweeps;

/// <summary>The functions of one float over all floats.</summary>
internal static class SingleScalarSweep
{
    private const double Limit = 1;

    public static Worst[] Log1P(uint stride) => Run("LogMath.Log1P<float>", stride, LogMath.Log1P, ExactLog1P);

    public static Worst[] ExpM1(uint stride) => Run("LogMath.ExpM1<float>", stride, LogMath.ExpM1, ExactExpM1);

    private static Worst[] Run(string name, uint stride, Func<float, float> function, Func<double, double> exact) =>
        SingleInputs.Sweep(stride, () => [new(name, Limit)], _ => true, (x, worst) =>
        {
            worst[0].Count(x.Length);
            foreach (float value in x)
            {
                double ulps = SingleUlp.Error(function(value), exact(value));
                if (worst[0].IsLarger(ulps))
                    worst[0].Set(ulps, value);
            }
        });

    /// <summary>
    /// log(u) x / (u - 1) with u = 1 + x rounded (Kahan): log is off by less than an ulp of double, and what is off in u is off in both. Right to a few
    /// ulps of double, so to a hundred-millionth of one of float.
    /// </summary>
    public static double ExactLog1P(double x)
    {
        double u = 1 + x;
        return u == 1 || double.IsPositiveInfinity(u) ? x : u == 0 ? double.NegativeInfinity : Math.Log(u) * (x / (u - 1));
    }

    /// <summary>(u - 1) x / log(u) with u = e^x rounded (Kahan), as above. Where e^x is beyond 1e17 or below 1e-17, the 1 or e^x is nothing.</summary>
    public static double ExactExpM1(double x)
    {
        double u = Math.Exp(x);
        return u == 1 ? x : Math.Abs(x) > 40 ? x > 0 ? u : -1 : (u - 1) * (x / Math.Log(u));
    }
}
