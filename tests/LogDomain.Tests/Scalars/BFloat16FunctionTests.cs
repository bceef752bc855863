using LogDomain.Tests.Oracle;
using static LogDomain.Tests.Scalars.BFloat16Oracle;

namespace LogDomain.Tests.Scalars;

/// <summary>
/// Every elementary function on every number against a reference in double. The result has to be right for all that is within 2^-44 of the reference:
/// no value lies so near to a border that the last bits of a C library decide.
/// </summary>
public class BFloat16FunctionTests
{
    private static readonly double Margin = Math.ScaleB(1, -44);

    private static readonly DoubleDouble Ln2 = DoubleDouble.Log(DoubleDouble.From(2)), Ln10 = DoubleDouble.Log(DoubleDouble.From(10));

    private static readonly Dictionary<string, (Func<BFloat16, BFloat16> Actual, Func<double, double> Reference)> Functions = new()
    {
        ["Exp"] = (BFloat16.Exp, Exponential(DoubleDouble.One, DoubleDouble.Exp, Math.Exp)),
        ["Exp2"] = (BFloat16.Exp2, Exponential(Ln2, DoubleDouble.Exp, x => Math.Pow(2, x))),
        ["Exp10"] = (BFloat16.Exp10, Exponential(Ln10, DoubleDouble.Exp, x => Math.Pow(10, x))),
        ["ExpM1"] = (BFloat16.ExpM1, Exponential(DoubleDouble.One, DoubleDouble.Expm1, x => Math.Exp(x) - 1)),
        ["Exp2M1"] = (BFloat16.Exp2M1, Exponential(Ln2, DoubleDouble.Expm1, x => Math.Pow(2, x) - 1)),
        ["Exp10M1"] = (BFloat16.Exp10M1, Exponential(Ln10, DoubleDouble.Expm1, x => Math.Pow(10, x) - 1)),
        ["Log"] = (BFloat16.Log, Logarithm(DoubleDouble.One, DoubleDouble.Log, 0)),
        ["Log2"] = (BFloat16.Log2, Logarithm(Ln2, DoubleDouble.Log, 0)),
        ["Log10"] = (BFloat16.Log10, Logarithm(Ln10, DoubleDouble.Log, 0)),
        ["LogP1"] = (BFloat16.LogP1, Logarithm(DoubleDouble.One, DoubleDouble.Log1p, -1)),
        ["Log2P1"] = (BFloat16.Log2P1, Logarithm(Ln2, DoubleDouble.Log1p, -1)),
        ["Log10P1"] = (BFloat16.Log10P1, Logarithm(Ln10, DoubleDouble.Log1p, -1)),
        ["Cbrt"] = (BFloat16.Cbrt, Math.Cbrt),
        ["Sin"] = (BFloat16.Sin, Math.Sin),
        ["Cos"] = (BFloat16.Cos, Math.Cos),
        ["Tan"] = (BFloat16.Tan, Math.Tan),
        ["Asin"] = (BFloat16.Asin, Math.Asin),
        ["Acos"] = (BFloat16.Acos, Math.Acos),
        ["Atan"] = (BFloat16.Atan, Math.Atan),
        ["Sinh"] = (BFloat16.Sinh, Math.Sinh),
        ["Cosh"] = (BFloat16.Cosh, Math.Cosh),
        ["Tanh"] = (BFloat16.Tanh, Math.Tanh),
        ["Asinh"] = (BFloat16.Asinh, Math.Asinh),
        ["Acosh"] = (BFloat16.Acosh, Math.Acosh),
        ["Atanh"] = (BFloat16.Atanh, Math.Atanh),
        ["SinPi"] = (BFloat16.SinPi, double.SinPi),
        ["CosPi"] = (BFloat16.CosPi, double.CosPi),
        ["TanPi"] = (BFloat16.TanPi, double.TanPi),
        ["AsinPi"] = (BFloat16.AsinPi, x => Math.Asin(x) / Math.PI),
        ["AcosPi"] = (BFloat16.AcosPi, x => Math.Acos(x) / Math.PI),
        ["AtanPi"] = (BFloat16.AtanPi, x => Math.Atan(x) / Math.PI),
        ["DegreesToRadians"] = (BFloat16.DegreesToRadians, x => x * (Math.PI / 180)),
        ["RadiansToDegrees"] = (BFloat16.RadiansToDegrees, x => x * (180 / Math.PI)),
        ["RootN 4"] = (x => BFloat16.RootN(x, 4), x => Math.Sqrt(Math.Sqrt(x + 0.0))),
        ["RootN -3"] = (x => BFloat16.RootN(x, -3), x => 1 / Math.Cbrt(x)),
    };

    // 2^-134, 2^9 - 1 and 2^-9 - 1 are borders, and doubles.
    private static readonly (string, BFloat16)[] OnBorders = [("Exp2", (BFloat16)(-134)), ("Exp2M1", (BFloat16)9), ("Exp2M1", (BFloat16)(-9))];

    public static TheoryData<string> Names => [.. Functions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_function_is_rounded_once_from_the_exact_value(string name)
    {
        (Func<BFloat16, BFloat16> actual, Func<double, double> reference) = Functions[name];
        foreach (BFloat16 x in All)
        {
            double y = reference((double)x);
            if (OnBorders.Contains((name, x)))
                AssertBits(Nearest(y), actual(x), name, x);
            else
                AssertWithin(y, actual(x), name, x);
        }
    }

    [Fact]
    public void Powers_that_lie_on_a_border_are_rounded_to_even()
    {
        for (int bits = 0x3F00; bits < 0x4100; bits++)
        {
            var x = BFloat16.FromBits((ushort)bits);
            BigFloat exact = BigFloat.From((double)x);
            AssertBits(Nearest(exact * exact), BFloat16.Pow(x, (BFloat16)2), "Pow 2", x);
            AssertBits(Nearest(exact * exact * exact), BFloat16.Pow(x, (BFloat16)3), "Pow 3", x);
            AssertBits(Nearest(BigFloat.One / exact), BFloat16.Pow(x, BFloat16.NegativeOne), "Pow -1", x);
        }
    }

    [Fact]
    public void Functions_of_two_numbers_are_rounded_once_from_the_exact_value()
    {
        var random = new Random(7);
        BFloat16 Next() => BFloat16.FromBits((ushort)random.Next(0x3B00, 0x4400));
        for (int i = 0; i < 20_000; i++)
        {
            (BFloat16 x, BFloat16 y) = (Next(), Next());
            (double a, double b) = ((double)x, (double)y);
            (DoubleDouble logX, DoubleDouble logY) = (DoubleDouble.Log(DoubleDouble.From(a)), DoubleDouble.Log(DoubleDouble.From(b)));
            if (i % 8 == 0)
                AssertWithin(DoubleDouble.Exp(DoubleDouble.From(b) * logX).ToDouble(), BFloat16.Pow(x, y), "Pow", (x, y));

            if (logX.Sign != 0 && logY.Sign != 0)
                AssertWithin((logX / logY).ToDouble(), BFloat16.Log(x, y), "Log", (x, y));

            AssertWithin(Math.Atan2(-a, b), BFloat16.Atan2(-x, y), "Atan2", (-x, y));
            AssertWithin(Math.Atan2(a, -b) / Math.PI, BFloat16.Atan2Pi(x, -y), "Atan2Pi", (x, -y));
            AssertBits(Nearest(Math.Sqrt((a * a) + (b * b))), BFloat16.Hypot(x, y), "Hypot", (x, y));
        }

        Assert.Equal((BFloat16)256, BFloat16.Hypot((BFloat16)255, (BFloat16)32));       // 257, a border
        Assert.Equal((BFloat16)3.2e38, BFloat16.Hypot((BFloat16)3.2e38, (BFloat16)1e-38));
    }

    [Fact]
    public void Sine_and_cosine_come_together_as_they_come_alone()
    {
        foreach (BFloat16 x in All)
        {
            Assert.Equal((BFloat16.Sin(x), BFloat16.Cos(x)), BFloat16.SinCos(x));
            Assert.Equal((BFloat16.SinPi(x), BFloat16.CosPi(x)), BFloat16.SinCosPi(x));
        }
    }

    private static void AssertWithin<T>(double y, BFloat16 actual, string operation, T operands)
    {
        AssertBits(Nearest(y * (1 - Margin)), actual, operation, operands);
        AssertBits(Nearest(y * (1 + Margin)), actual, operation, operands);
    }

    // Beyond 200 all of them are 0, -1 or infinity.
    private static Func<double, double> Exponential(DoubleDouble logBase, Func<DoubleDouble, DoubleDouble> f, Func<double, double> ofLarge) =>
        x => Math.Abs(x) < 200 ? KeepSign(f(DoubleDouble.From(x) * logBase), x) : ofLarge(x);

    private static Func<double, double> Logarithm(DoubleDouble logBase, Func<DoubleDouble, DoubleDouble> f, double pole) =>
        x => x > pole && double.IsFinite(x) ? KeepSign(f(DoubleDouble.From(x)) / logBase, x)
            : x == pole ? double.NegativeInfinity
            : x > pole ? x : double.NaN;

    // The oracle's 0 has no sign: f(-0) is -0 where f(0) is 0.
    private static double KeepSign(DoubleDouble y, double x) => y.Sign == 0 ? 0 * x : y.ToDouble();
}
