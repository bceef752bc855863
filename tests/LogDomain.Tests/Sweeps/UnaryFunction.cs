namespace LogDomain.Tests.Sweeps;

/// <summary>A function of <see cref="LogMath"/> of one number, and where it has numbers as results: strictly between low and high, but not at a pole.</summary>
internal sealed record UnaryFunction(string Name, double Low, double High, double Pole = double.NaN)
{
    private const double Infinity = double.PositiveInfinity;

    // The double below ln 2 itself; log(2 - e^x) is still a number there.
    private const double Ln2 = 0.6931471805599453;

    private static readonly UnaryFunction[] Functions =
    [
        new("Log1P", -1, Infinity),
        new("Log1M", -Infinity, 1),
        new("ExpM1", -Infinity, Infinity),
        new("Softplus", -Infinity, Infinity),
        new("LogExpM1", 0, Infinity),
        new("Log1MExp", -Infinity, 0),
        new("Log2MExp", -Infinity, Math.BitIncrement(Ln2)),
        new("Logit1MExp", -Infinity, 0),
        new("Log1PMX", -1, Infinity),
        new("LogMXP1", 0, Infinity),
        new("Log1PSquared", -Infinity, Infinity),
        new("Sigmoid", -Infinity, Infinity),
        new("LogSigmoid", -Infinity, Infinity),
        new("Log1MSigmoid", -Infinity, Infinity),
        new("Logit", 0, 1),
        new("LogitExp", -Infinity, 0),
        new("XLogX", 0, Infinity),
        new("XExpX", -Infinity, Infinity),
        new("LogCosh", -Infinity, Infinity),
        new("LogAbsSinh", -Infinity, Infinity, Pole: 0),
        new("LogAbsTanh", -Infinity, Infinity, Pole: 0),
        new("CLogLog", 0, 1),
        new("CExpExp", -Infinity, Infinity),
    ];

    /// <summary>All functions, then all derivatives.</summary>
    public static IReadOnlyList<UnaryFunction> All { get; } =
        [.. Functions, .. Functions.Select(function => function with { Name = $"{function.Name}Derivative" })];

    /// <summary>
    /// Where algorithms change, roots and poles lie, or results leave the range: the cutoffs of Maechler's note and of LogExpFunctions.jl, the ends of the
    /// ranges of e^x in each type, ln 2, asinh 1, 1/e, 1 - 1/e, where log1p and expm1 begin to reduce, where 1 + x rounds to 1 in each type.
    /// </summary>
    public static IReadOnlyList<double> Points { get; } =
    [
        .. from point in (double[])
           [
               Ln2, Ln2 / 2, 0.881373587019543, 0.36787944117144233, 0.6321205588285577, 0.25, 0.5, 0.75, 1, 2, 0.41421356237309503, 0.2928932188134524,
               0.425, 0.4, 0.3, 0.7373, 0.375, 36.7368005696771, 37, 38, 18, 18.0218, 33.3, 33.2311, 16.6355323, 7.97119, 13.993, 15.9424, 9, 20,
               88.7228394, 103.972084, 87.3365, 709.782712893384, 745.1332191019412, 708.3964185322641, 746, 744.4400719213812, 11.0899, 16.63553, 17.3287,
               92.1993, 6.6, 3.5e-5, 1.8626451e-9, 7.450580596923828e-9, 5.9604645e-8, 2.220446049250313e-16, 1.1102230246251565e-16, 5.551115123125783e-17,
               1.4901161193847656e-8, 1.3407807929942596e154, 1.8446743e19, 9007199254740992,
           ]
           from sign in (double[])[1, -1]
           select sign * point,
    ];

    public static UnaryFunction Of(string name) => All.Single(function => function.Name == name);

    public bool Has(double x) => x > Low && x < High && x != Pole;
}
