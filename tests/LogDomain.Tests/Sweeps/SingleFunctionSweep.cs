using System.Numerics.Tensors;
using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Sweeps;

/// <summary>The functions of one float over all floats, and those of two over pairs.</summary>
/// <remarks>
/// The reference is the library's own function of doubles: <see cref="DoubleSearch"/> finds it right to 2 ulps, a thousand-millionth of an ulp of float.
/// Every four-thousandth input or so is compared with exact arithmetic as well.
/// </remarks>
internal static class SingleFunctionSweep
{
    /// <summary>The pairs of a whole sweep.</summary>
    public const long Pairs = 1_000_000_000;

    // Less than the 1 ulp that is promised: the errors that are known, and a little more, so that a wrong last digit in a table or a polynomial is seen.
    private const double UnaryLimit = 0.6, BinaryLimit = 0.9;

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
            return SingleInputs.Sweep(stride, () => [new(name, UnaryLimit)], _ => true, (x, worst) =>
            {
                Buffers buffers = Buffers.Own;
                x.CopyTo(buffers.X);
                buffers.Y.AsSpan().Fill(float.NaN);
                single(x, buffers.Results);
                @double(Buffers.Widen(x, buffers.WideX), buffers.Reference);
                buffers.See(worst[0], x.Length, exact, (value, _) => function.Has(value));
            });
        });
    }

    public static Sweep Binary(BinaryFunction function)
    {
        string name = $"{function.Name}<float>, two numbers";
        return new(name, stride =>
        {
            BinarySpan<float> single = Spans<float>(function);
            BinarySpan<double> @double = Spans<double>(function);
            ExactFunction exact = ExactFunctions.Binary(function.Name);
            return Sweep.InParallel(PairParts, () => [new(name, BinaryLimit)], (part, worst) =>
            {
                Buffers buffers = Buffers.Own;
                PairInputs inputs = new(function, (ulong)part + 1, Format.Binary32);
                long count = Math.Max(1, Pairs / stride / PairParts);
                for (long start = 0; start < count; start += SingleInputs.ChunkLength)
                {
                    int length = (int)Math.Min(SingleInputs.ChunkLength, count - start);
                    for (int i = 0; i < length; i++)
                        (buffers.X[i], buffers.Y[i]) = inputs.NextSingles();

                    Span<float> x = buffers.X.AsSpan(0, length), y = buffers.Y.AsSpan(0, length);
                    single(x, y, buffers.Results);
                    @double(Buffers.Widen(x, buffers.WideX), Buffers.Widen(y, buffers.WideY), buffers.Reference);
                    buffers.See(worst[0], length, exact, function.Has);
                }
            });
        });
    }

    /// <summary>The form for spans; where that has one second number for all elements, the function itself.</summary>
    private static BinarySpan<T> Spans<T>(BinaryFunction function)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        if (!function.HasSharpness)
            return LibraryFunctions<T>.BinarySpan(function.Name);

        Func<T, T, T> one = LibraryFunctions<T>.Binary(function.Name);
        return (x, y, destination) =>
        {
            for (int i = 0; i < x.Length; i++)
                destination[i] = one(x[i], y[i]);
        };
    }

    /// <summary>What a thread needs for a chunk: arguments, results and the reference. Beyond a chunk that is not full stand those of the one before.</summary>
    private sealed class Buffers
    {
        [ThreadStatic]
        private static Buffers? _own;

        private long _untilExact = OneInExact;

        public static Buffers Own => _own ??= new();

        public float[] X { get; } = new float[SingleInputs.ChunkLength];

        public float[] Y { get; } = new float[SingleInputs.ChunkLength];

        public float[] Results { get; } = new float[SingleInputs.ChunkLength];

        public double[] WideX { get; } = new double[SingleInputs.ChunkLength];

        public double[] WideY { get; } = new double[SingleInputs.ChunkLength];

        public double[] Reference { get; } = new double[SingleInputs.ChunkLength];

        public static Span<double> Widen(ReadOnlySpan<float> x, double[] wide)
        {
            TensorPrimitives.ConvertTruncating(x, wide.AsSpan());
            return wide.AsSpan(0, x.Length);
        }

        /// <summary>Looks at a chunk one by one only where an error may be the largest so far.</summary>
        public void See(Worst worst, int length, ExactFunction exact, Func<double, double, bool> has)
        {
            worst.Count(length);
            int vectors = (length + 7) & ~7;
            if (SingleUlp.AnyAbove(worst.Ulps, Results.AsSpan(0, vectors), Reference.AsSpan(0, vectors)))
            {
                for (int i = 0; i < length; i++)
                    See(worst, SingleUlp.Error(Results[i], Reference[i]), i);
            }

            for (_untilExact -= length; _untilExact <= 0; _untilExact += OneInExact)
            {
                int i = (int)(length - 1 + _untilExact);
                if (i >= 0 && has(X[i], Y[i]))
                    See(worst, exact.Error(Results[i], X[i], Y[i], Format.Binary32), i);
            }
        }

        private void See(Worst worst, double ulps, int i)
        {
            if (worst.IsLarger(ulps))
                worst.Set(ulps, X[i], Y[i]);
        }
    }
}
