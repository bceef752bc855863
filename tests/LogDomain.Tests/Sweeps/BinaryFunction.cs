namespace LogDomain.Tests.Sweeps;

/// <summary>A function of <see cref="LogMath"/> of two numbers, where it has numbers as results, and for an x the y where the result has a root.</summary>
internal sealed record BinaryFunction(string Name, Func<double, double, bool> Has, Func<double, double> Root)
{
    public static IReadOnlyList<BinaryFunction> All { get; } =
    [
        new("LogAddExp", (_, _) => true, x => Math.Log(-LogMath.ExpM1(-Math.Abs(x)))),
        new("LogSubExp", (_, _) => true, x => Math.Log(Math.Abs(LogMath.ExpM1(x)))),
        new("LogSigmoidDifference", (_, _) => true, x => x),
        new("XLogY", (_, y) => y > 0, _ => 1),
        new("XLog1PY", (_, y) => y > -1, _ => 0),
        new("XExpY", (_, _) => true, x => -Math.Log(Math.Abs(x))),
        new("Softplus", (_, sharpness) => sharpness > 0, x => 1 / x),
        new("LogExpM1", (x, sharpness) => x > 0 && sharpness > 0 && !IsNextToLn2(x, sharpness), x => 0.6931471805599453 / x),
    ];

    /// <summary>Those with a derivative; it has the same domain, without the pole of equal numbers.</summary>
    public static IReadOnlyList<BinaryFunction> Gradients { get; } =
    [
        .. from function in All
           where function.Name is "LogAddExp" or "LogSubExp" or "XLogY" or "XLog1PY" or "XExpY"
           select function with
           {
               Name = $"{function.Name}Derivative",
               Has = (x, y) => function.Has(x, y) && (x != y || function.Name != "LogSubExp"),
           },
    ];

    /// <summary>Whether the second number is one for all elements.</summary>
    public bool HasSharpness => Name is "Softplus" or "LogExpM1";

    public static BinaryFunction Of(string name) => All.Concat(Gradients).Single(function => function.Name == name);

    /// <summary>
    /// Whether x y is nearer to ln 2 than the promise of LogExpM1 with a sharpness goes (docs/guide/accuracy.md); no product of two floats is.
    /// </summary>
    private static bool IsNextToLn2(double x, double y) =>
        Math.Abs(Math.FusedMultiplyAdd(x, y, -0.6931471805599453) - 2.3190468138462996e-17) < 5e-18;
}
