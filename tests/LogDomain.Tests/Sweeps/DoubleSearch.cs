using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Sweeps;

/// <summary>
/// A search for the largest error of a function of doubles against exact arithmetic: random inputs, and from the worst of each part a climb through its
/// neighbours to still worse ones.
/// </summary>
internal static class DoubleSearch
{
    /// <summary>The inputs of a whole search.</summary>
    public const long Inputs = 100_000_000;

    private const int Parts = 64;

    private const int Steps = 2000;

    // Two numbers have the 2 ulps that are promised; one number has less, so that a wrong last digit is seen.
    private const double Limit = 2, UnaryLimit = 1;

    public static IEnumerable<Sweep> All =>
    [
        .. UnaryFunction.All.Select(Unary),
        .. BinaryFunction.All.Select(Binary),
        .. BinaryFunction.Gradients.SelectMany(Gradient),
    ];

    public static Sweep Unary(UnaryFunction function) => Of($"{function.Name}<double>", function.Name is "XLogX" or "Log1PMX" or "LogMXP1" ? Limit : UnaryLimit, seed =>
    {
        UnaryInputs inputs = new(function, seed, Format.Binary64);
        Func<double, double> actual = LibraryFunctions<double>.Unary(function.Name);
        ExactFunction exact = ExactFunctions.Unary(function.Name);
        return (
            () => (inputs.Next(), double.NaN),
            (x, _) => double.IsFinite(x) && function.Has(x) ? exact.Error(actual(x), x, x, Format.Binary64) : 0);
    });

    public static Sweep Binary(BinaryFunction function) => Of($"{function.Name}<double>, two numbers", Limit, seed =>
    {
        Func<double, double, double> actual = LibraryFunctions<double>.Binary(function.Name);
        return Pairs(function, seed, actual, ExactFunctions.Binary(function.Name));
    });

    public static Sweep[] Gradient(BinaryFunction function) =>
    [
        Of($"{function.Name}<double> in x", Limit, seed =>
        {
            Func<double, double, (double X, double Y)> actual = LibraryFunctions<double>.Gradient(function.Name);
            return Pairs(function, seed, (x, y) => actual(x, y).X, ExactFunctions.Gradient(function.Name).X);
        }),
        Of($"{function.Name}<double> in y", Limit, seed =>
        {
            Func<double, double, (double X, double Y)> actual = LibraryFunctions<double>.Gradient(function.Name);
            return Pairs(function, seed, (x, y) => actual(x, y).Y, ExactFunctions.Gradient(function.Name).Y);
        }),
    ];

    private static (Func<(double X, double Y)> Next, Func<double, double, double> Error) Pairs(
        BinaryFunction function, ulong seed, Func<double, double, double> actual, ExactFunction exact)
    {
        PairInputs inputs = new(function, seed, Format.Binary64);
        return (inputs.Next, (x, y) => double.IsFinite(x) && double.IsFinite(y) && function.Has(x, y) ? exact.Error(actual(x, y), x, y, Format.Binary64) : 0);
    }

    private static Sweep Of(string name, double limit, Func<ulong, (Func<(double X, double Y)> Next, Func<double, double, double> Error)> create) => new(name, stride =>
        Sweep.InParallel(Parts, () => [new(name, limit)], (part, worst) =>
        {
            (Func<(double X, double Y)> next, Func<double, double, double> error) = create((ulong)part + 1);
            long inputs = Math.Max(1, Inputs / stride / Parts), steps = Math.Min(Steps, inputs);
            Worst own = new(name, limit);
            (double X, double Y) from = next();
            for (long i = 0; i < inputs; i++)
            {
                (double x, double y) = next();
                if (See(own, error(x, y), x, y))
                    from = (x, y);
            }

            RandomBits random = new((ulong)part);
            for (long i = 0; i < steps; i++)
            {
                double x = Moved(from.X, random), y = Moved(from.Y, random);
                if (See(own, error(x, y), x, y))
                    from = (x, y);
            }

            own.Count(inputs + steps);
            worst[0].Merge(own);
        }));

    private static bool See(Worst worst, double ulps, double x, double y)
    {
        if (!worst.IsLarger(ulps))
            return false;

        worst.Set(ulps, x, y);
        return true;
    }

    /// <summary>From the last bit up to a hundredth of the number.</summary>
    private static double Moved(double x, RandomBits random) => double.IsNaN(x) || random.Next(4) == 0
        ? x
        : BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(x) + (long)random.NextLogUniform(0, 46));
}
