using System.Globalization;

namespace LogDomain.Tests.Oracle;

/// <summary>The exact functions against mpmath, and the two kinds of exact number against each other.</summary>
public class ExactFunctionTests
{
    private static readonly (string Name, double[] Arguments, BigFloat Expected)[] Lines =
    [
        .. from line in MpmathFunctions.Table.Split('\n')
           let parts = line.Split("; ")
           let arguments = parts[1].Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray()
           select (parts[0], arguments, BigFloat.Parse(parts[2])),
    ];

    public static TheoryData<string> Functions => [.. Lines.Select(line => line.Name).Distinct()];

    [Theory]
    [MemberData(nameof(Functions))]
    public void BigFloat_agrees_with_mpmath_to_75_digits(string function) =>
        AssertAgreement(function, Evaluate, BigFloat.Parse("1e-75"));

    [Theory]
    [MemberData(nameof(Functions))]
    public void The_quicker_of_the_two_agrees_with_mpmath_to_66_bits(string function) =>
        AssertAgreement(function, EvaluateQuickly, BigFloat.ScaleB(BigFloat.One, -66));

    // What no value of one number shows: which of the two arguments a derivative belongs to.
    [Theory]
    [InlineData("LogAddExp")]
    [InlineData("LogSubExp")]
    [InlineData("XLogY")]
    [InlineData("XLog1PY")]
    [InlineData("XExpY")]
    public void Partial_derivatives_are_the_slopes(string function)
    {
        BigFloat step = BigFloat.ScaleB(BigFloat.One, -120);
        Func<BigFloat, BigFloat, BigFloat> f = ExactFormulas<BigFloat>.Binary[function];
        foreach ((double x, double y) in new[] { (0.75, 0.5), (-1.25, 3.0), (2.0, 0.0625) })
        {
            BigFloat a = BigFloat.From(x), b = BigFloat.From(y);
            (BigFloat dx, BigFloat dy) = ExactFormulas<BigFloat>.Gradients[function + "Derivative"](a, b);
            AssertClose(dx, BigFloat.ScaleB(f(a + step, b) - f(a - step, b), 119));
            AssertClose(dy, BigFloat.ScaleB(f(a, b + step) - f(a, b - step), 119));
        }

        static void AssertClose(BigFloat actual, BigFloat slope) =>
            Assert.True(BigFloat.Abs(actual - slope) < BigFloat.ScaleB(BigFloat.Abs(slope), -200));
    }

    private static void AssertAgreement(string function, Func<string, double[], BigFloat> evaluate, BigFloat tolerance)
    {
        foreach ((string name, double[] arguments, BigFloat expected) in Lines.Where(line => line.Name == function))
        {
            BigFloat actual = evaluate(name, arguments);
            BigFloat error = expected.Sign == 0 ? BigFloat.Abs(actual) : BigFloat.Abs((actual - expected) / expected);
            Assert.True(error <= tolerance, $"{name}({string.Join(", ", arguments)}) is {actual}, off by {error.ToDouble():g3}.");
        }
    }

    private static BigFloat Evaluate(string name, double[] x) => (name, x.Length) switch
    {
        ("LogMix", _) => ExactFormulas<BigFloat>.LogMix(BigFloat.From(x[0]), BigFloat.From(x[1]), BigFloat.From(x[2])),
        ("LogFactorial", _) => ExactFactorials.LogFactorial(x[0]),
        ("LogBinomial", _) => ExactFactorials.LogBinomial(x[0], x[1]),
        (_, 1) => ExactFunctions.Unary(name).Exact(x[0]),
        _ => ExactFunctions.Binary(name).Exact(x[0], x[1]),
    };

    private static BigFloat EvaluateQuickly(string name, double[] x) => (name, x.Length) switch
    {
        ("LogMix" or "LogFactorial" or "LogBinomial", _) => Evaluate(name, x),
        (_, 1) => ExactFunctions.Unary(name).Value(x[0]),
        _ => ExactFunctions.Binary(name).Value(x[0], x[1]),
    };
}
