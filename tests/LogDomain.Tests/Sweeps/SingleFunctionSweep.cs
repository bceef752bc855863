using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Sweeps;

/// <summary>The functions of one float over all floats, and those of two over pairs.</summary>
/// <remarks>
/// The reference is the library's own function of doubles: <see cref="DoubleSearch"/> finds it right to 2 ulps, a thousand-millionth of an ulp of float.
/// Every thousandth input or so is compared with exact arithmetic as well.
/// </remarks>
internal static class SingleFunctionSweep
{
    /// <summary>The pairs of a whole sweep.</summary>
    public const long Pairs = 1_000_000_000;

    private const double Limit = 1;

    private const int OneInExact = 4099;

    private const int PairParts = 1 << 10;

    public static IEnumerable<Sweep> All =>
    [
        .. UnaryFunction.All.Select(Unary),
        .. BinaryFunction.All.Select(Binary),
    ];

    public static Sweep Unary(UnaryFunction function)
    {
        string name = $"{function.Name}<float>";
        return new(name, stride =>
        {
            UnarySpan<float> single = LibraryFunctions<float>.UnarySpan(function.Name);
            UnarySpan<double> @double = LibraryFunctions<double>.UnarySpan(function.Name);
            ExactFunction exact = ExactFunctions.Unary(function.Name);
            return SingleInputs.Sweep(stride, () => [new(name, Limit)], _ => true, (x, worst) =>
            {
                Buffers buffers = Buffers.Own;
                Span<float> y = buffers.Results.AsSpan(0, x.Length);
                Span<double> wide = Buffers.Widen(x, buffers.X), reference = buffers.Reference.AsSpan(0, x.Length);
                single(x, y);
                @double(wide, reference);
                worst[0].Count(x.Length);
                for (int i = 0; i < x.Length; i++)
                {
                    See(worst[0], SingleUlp.Error(y[i], reference[i]), x[i], double.NaN);
                    if (buffers.IsExactTurn() && function.Has(x[i]))
                        See(worst[0], exact.Error(y[i], x[i], double.NaN, Format.Binary32), x[i], double.NaN);
                }
            });
        });
    }

    public static Sweep Binary(BinaryFunction function)
    {
        string name = $"{function.Name}<float>, two numbers";
        return new(name, stride =>
        {
            Func<float, float, float> single = LibraryFunctions<float>.Binary(function.Name);
            Func<double, double, double> @double = LibraryFunctions<double>.Binary(function.Name);
            ExactFunction exact = ExactFunctions.Binary(function.Name);
            return Sweep.InParallel(PairParts, () => [new(name, Limit)], (part, worst) =>
            {
                PairInputs inputs = new(function, (ulong)part + 1, Format.Binary32);
                long count = Math.Max(1, Pairs / stride / PairParts);
                worst[0].Count(count);
                for (long i = 0; i < count; i++)
                {
                    (double x, double y) = inputs.Next();
                    float actual = single((float)x, (float)y);
                    See(worst[0], SingleUlp.Error(actual, @double(x, y)), x, y);
                    if (i % OneInExact == 0)
                        See(worst[0], exact.Error(actual, x, y, Format.Binary32), x, y);
                }
            });
        });
    }

    private static void See(Worst worst, double ulps, double x, double y)
    {
        if (worst.IsLarger(ulps))
            worst.Set(ulps, x, y);
    }

    /// <summary>What a thread needs for a chunk.</summary>
    private sealed class Buffers
    {
        [ThreadStatic]
        private static Buffers? _own;

        private int _turn;

        public static Buffers Own => _own ??= new();

        public float[] Results { get; } = new float[SingleInputs.ChunkLength];

        public double[] X { get; } = new double[SingleInputs.ChunkLength];

        public double[] Reference { get; } = new double[SingleInputs.ChunkLength];

        public static Span<double> Widen(ReadOnlySpan<float> x, double[] wide)
        {
            for (int i = 0; i < x.Length; i++)
                wide[i] = x[i];

            return wide.AsSpan(0, x.Length);
        }

        public bool IsExactTurn() => ++_turn % OneInExact == 0;
    }
}
