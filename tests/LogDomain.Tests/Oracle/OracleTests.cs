using System.Globalization;

namespace LogDomain.Tests.Oracle;

/// <summary>Both kinds of exact number, and every formula over them, against mpmath.</summary>
public class OracleTests
{
    private static readonly BigFloat BigFloatTolerance = BigFloat.Parse("1e-75");

    private static readonly BigFloat DoubleDoubleTolerance = BigFloat.ScaleB(BigFloat.One, -100);

    // Parsed once: the powers of ten of e^(+-10^6) take a moment.
    private static readonly (string Name, double[] Arguments, BigFloat[] Expected)[] Lines =
    [
        .. from line in MpmathValues.Table.Split('\n')
           let parts = line.Split("; ")
           select (parts[0], Words(parts[1], ParseDouble), Words(parts[2], ParseBigFloat)),
    ];

    public static TheoryData<string> Functions =>
        [.. Lines.Select(line => line.Name).Distinct()];

    [Theory]
    [MemberData(nameof(Functions))]
    public void BigFloat_agrees_with_mpmath_to_75_digits(string function) =>
        AssertAgreement<BigFloat>(function, BigFloatTolerance);

    [Theory]
    [MemberData(nameof(Functions))]
    public void DoubleDouble_agrees_with_mpmath_to_100_bits(string function) =>
        AssertAgreement<DoubleDouble>(function, DoubleDoubleTolerance);

    [Fact]
    public void LogSumExp_goes_over_to_BigFloat_where_the_result_is_near_0()
    {
        foreach ((_, double[] row, BigFloat[] expected) in Lines.Where(line => line.Name == "logsumexp"))
            Assert.InRange(RelativeError(ExactLogDomain.LogSumExp(row), expected[0]).ToDouble(), 0, Math.ScaleB(1, -59));
    }

    [Fact]
    public void LogSumExp_with_weights_of_1_is_LogSumExp()
    {
        foreach ((_, double[] row, BigFloat[] expected) in Lines.Where(line => line.Name == "logsumexp"))
        {
            double[] ones = [.. row.Select(_ => 1.0)];
            (BigFloat logAbs, int sign) = ExactLogDomain.LogSumExp<BigFloat>(row, ones);
            Assert.True(RelativeError(logAbs, expected[0]) < BigFloatTolerance);
            Assert.Equal(1, sign);
        }
    }

    [Fact]
    public void LogSumExp_with_signed_weights_gives_the_logarithm_of_the_size_and_the_sign()
    {
        (BigFloat logAbs, int sign) = ExactLogDomain.LogSumExp<BigFloat>([1, 2, 500], [1, -1, 0]);
        Assert.Equal(ExactLogDomain.LogSubExp<BigFloat>(2, 1).ToDouble(), logAbs.ToDouble());
        Assert.Equal(-1, sign);
        Assert.Equal((BigFloat.NegativeInfinity, 0), ExactLogDomain.LogSumExp<BigFloat>([7, 7], [1, -1]));
    }

    [Fact]
    public void Minus_infinity_has_weight_0()
    {
        double[] row = [double.NegativeInfinity, 3, double.NegativeInfinity, 3];
        Assert.Equal(0.5, ExactLogDomain.SoftMax<BigFloat>(row)[1].ToDouble());
        Assert.Equal(0, ExactLogDomain.SoftMax<BigFloat>(row)[0].Sign);
        Assert.True(ExactLogDomain.LogSoftMax<DoubleDouble>(row)[2].IsNegativeInfinity);
        Assert.Equal(0, ExactLogDomain.SoftMax<DoubleDouble>([double.NegativeInfinity])[0].Sign);
        Assert.True(ExactLogDomain.LogSumExp([]).IsNegativeInfinity);
        Assert.True(ExactLogDomain.LogSumExp([double.NegativeInfinity]).IsNegativeInfinity);
    }

    [Fact]
    public void Cross_entropy_is_minus_the_log_probability_and_its_gradient_sums_to_0()
    {
        double[] row = [20, 0, 0, -3.5];
        for (int target = 0; target < row.Length; target++)
        {
            BigFloat loss = ExactLogDomain.CrossEntropy<BigFloat>(row, target);
            Assert.True(RelativeError(loss, -ExactLogDomain.LogSoftMax<BigFloat>(row)[target]) < BigFloatTolerance);

            BigFloat[] oneHot = new BigFloat[row.Length];
            oneHot[target] = BigFloat.One;
            Assert.True(RelativeError(ExactLogDomain.CrossEntropy(row, (ReadOnlySpan<BigFloat>)oneHot), loss) < BigFloatTolerance);

            BigFloat[] gradient = ExactLogDomain.CrossEntropyGradient<BigFloat>(row, target);
            BigFloat[] general = ExactLogDomain.CrossEntropyGradient(row, (ReadOnlySpan<BigFloat>)oneHot);
            for (int j = 0; j < row.Length; j++)
                Assert.True(RelativeError(general[j], gradient[j]) < BigFloatTolerance);
        }
    }

    // Differentiating twice: the products with a one-hot g are the columns of the Jacobians.
    [Fact]
    public void Gradients_of_softmax_and_log_softmax_are_their_Jacobians()
    {
        double[] row = [0.5, -1, 2];
        BigFloat[] p = ExactLogDomain.SoftMax<BigFloat>(row);
        for (int j = 0; j < row.Length; j++)
        {
            double[] g = new double[row.Length];
            g[j] = 1;
            BigFloat[] softMax = ExactLogDomain.SoftMaxGradient<BigFloat>(row, g);
            BigFloat[] logSoftMax = ExactLogDomain.LogSoftMaxGradient<BigFloat>(row, g);
            for (int i = 0; i < row.Length; i++)
            {
                BigFloat same = BigFloat.From(i == j ? 1 : 0);
                Assert.True(RelativeError(softMax[i], p[i] * (same - p[j])) < BigFloatTolerance);
                Assert.True(RelativeError(logSoftMax[i], same - p[i]) < BigFloatTolerance);
            }
        }
    }

    private static void AssertAgreement<T>(string function, BigFloat tolerance)
        where T : struct, IReal<T>
    {
        foreach ((string name, double[] arguments, BigFloat[] expected) in Lines.Where(line => line.Name == function))
        {
            T[] actual = Evaluate<T>(name, arguments);
            Assert.Equal(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                // Where a maximum and log(1 + tail) cancel, double-double has that many bits less; LogSumExp of two tiers covers it.
                BigFloat allowed = tolerance * Cancellation<T>(name, arguments, expected[i]);
                BigFloat error = RelativeError(actual[i].ToBigFloat(), expected[i]);
                Assert.True(error <= allowed, $"{name}({string.Join(", ", arguments)})[{i}] is {actual[i]}, off by {error.ToDouble():g3}.");
            }
        }
    }

    private static T[] Evaluate<T>(string name, double[] x)
        where T : struct, IReal<T> => name switch
        {
            "exp" => [T.Exp(T.From(x[0]))],
            "expm1" => [T.Expm1(T.From(x[0]))],
            "log" => [T.Log(T.From(x[0]))],
            "log1p" => [T.Log1p(T.From(x[0]))],
            "log1mexp" => [ExactLogDomain.Log1MExp<T>(x[0])],
            "softplus" => [ExactLogDomain.Softplus<T>(x[0])],
            "sigmoid" => [ExactLogDomain.Sigmoid<T>(x[0])],
            "logsubexp" => [ExactLogDomain.LogSubExp<T>(x[0], x[1])],
            "logsumexp" => [ExactLogDomain.LogSumExp<T>(x)],
            "softmax" => ExactLogDomain.SoftMax<T>(x),
            "logsoftmax" => ExactLogDomain.LogSoftMax<T>(x),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Not in the table."),
        };

    private static BigFloat Cancellation<T>(string name, double[] arguments, BigFloat expected)
        where T : struct, IReal<T>
    {
        bool sumsOfTwoSigns = typeof(T) == typeof(DoubleDouble) && name is "logsumexp" or "logsubexp";
        return sumsOfTwoSigns && expected.Sign != 0 && !expected.IsNegativeInfinity
            ? BigFloat.One + BigFloat.Abs(BigFloat.From(arguments.Max()) / expected)
            : BigFloat.One;
    }

    private static BigFloat RelativeError(BigFloat actual, BigFloat expected) =>
        actual == expected ? BigFloat.Zero
        : expected.Sign == 0 || expected.IsNegativeInfinity ? BigFloat.One
        : BigFloat.Abs((actual - expected) / expected);

    private static T[] Words<T>(string text, Func<string, T> parse) =>
        [.. text.Split(' ').Select(parse)];

    private static double ParseDouble(string text) =>
        text == "-inf" ? double.NegativeInfinity : double.Parse(text, CultureInfo.InvariantCulture);

    private static BigFloat ParseBigFloat(string text) =>
        text == "-inf" ? BigFloat.NegativeInfinity : BigFloat.Parse(text);
}
