using System.Numerics;
using System.Numerics.Tensors;

namespace LogDomain.Peers.Functions;

/// <summary>A function of one or two numbers for spans, ours and those of others.</summary>
/// <param name="Name">As in LogMath.</param>
/// <param name="FirstInput">Makes an ordinary argument of a number from N(0, 4^2).</param>
/// <param name="SecondInput">The same for the second argument; functions of one number do not look at it.</param>
/// <param name="Ours">Our function.</param>
/// <param name="Dotnet">That of TensorPrimitives, if it has one.</param>
internal sealed record ElementwiseFunction<T>(
    string Name,
    Func<double, double> FirstInput,
    Func<double, double> SecondInput,
    ElementwiseFunction<T>.Spans Ours,
    ElementwiseFunction<T>.Spans? Dotnet = null)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public delegate void Spans(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> destination);

    public static IReadOnlyList<ElementwiseFunction<T>> All { get; } =
    [
        new("LogAddExp", Any, Any, LogPrimitives.LogAddExp),
        new("LogSubExp", Any, Any, LogPrimitives.LogSubExp),
        new("Softplus", Any, Any, (x, _, y) => LogPrimitives.Softplus(x, y)),
        new("LogSigmoid", Any, Any, (x, _, y) => LogPrimitives.LogSigmoid(x, y)),
        new("Sigmoid", Any, Any, (x, _, y) => LogPrimitives.Sigmoid(x, y), (x, _, y) => TensorPrimitives.Sigmoid(x, y)),
        new("ExpM1", Any, Any, (x, _, y) => LogPrimitives.ExpM1(x, y), (x, _, y) => TensorPrimitives.ExpM1(x, y)),
        new("Log1P", Positive, Any, (x, _, y) => LogPrimitives.Log1P(x, y), (x, _, y) => TensorPrimitives.LogP1(x, y)),
        new("Log1MExp", Negative, Any, (x, _, y) => LogPrimitives.Log1MExp(x, y)),
        new("LogExpM1", Positive, Any, (x, _, y) => LogPrimitives.LogExpM1(x, y)),
        new("Logit", Probability, Any, (x, _, y) => LogPrimitives.Logit(x, y)),
        new("LogitExp", Negative, Any, (x, _, y) => LogPrimitives.LogitExp(x, y)),
        new("XLogX", Positive, Any, (x, _, y) => LogPrimitives.XLogX(x, y)),
        new("XLogY", Any, Positive, LogPrimitives.XLogY),
        new("XLog1PY", Any, Positive, LogPrimitives.XLog1PY),
        new("LogCosh", Any, Any, (x, _, y) => LogPrimitives.LogCosh(x, y)),
        new("LogAbsSinh", Any, Any, (x, _, y) => LogPrimitives.LogAbsSinh(x, y)),
        new("CLogLog", Probability, Any, (x, _, y) => LogPrimitives.CLogLog(x, y)),
        new("CExpExp", Any, Any, (x, _, y) => LogPrimitives.CExpExp(x, y)),
    ];

    private static double Any(double x) => x;

    private static double Positive(double x) => Math.Abs(x);

    private static double Negative(double x) => -Math.Abs(x);

    private static double Probability(double x) => 1 / (1 + Math.Exp(-x));
}
