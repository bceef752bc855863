using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>
/// Log-sum-exp, softmax, log-softmax and cross-entropy of rows that follow each other, for one element type and one vector width.
/// </summary>
/// <remarks>
/// <para>
/// A row is cut into blocks of a fixed number of elements, a block into vectors that go to fixed chains in turn, and all
/// partial results are joined in index order. So the bits depend on the row's values and length and on nothing else.
/// </para>
/// <para>
/// Short rows are taken in tiles: one pass over all rows of a tile, then the next pass, then one finish for all. The rows do
/// not wait for each other then, and the second pass asks for the memory of the next tile.
/// </para>
/// </remarks>
[SkipLocalsInit]   // else every call clears its stack buffers
internal static unsafe partial class RowKernel<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged
{
    /// <summary>Rows of a tile: as many as fit a block, and no more than are finished together.</summary>
    private static int TileRows(nint length) => (int)nint.Clamp(BlockLength / nint.Max(1, length), 1, RowFinish.Rows);

    /// <summary>Whether the weights of a maximum have a frame: it is finite, and not too large.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool HasFrame(double max) => Math.Abs(max) <= Weights<TVector, T>.Far;

    /// <summary>
    /// Writes log-sum-exp of rows of float where the plain sum is enough for 1 ulp, and NaN elsewhere. Returns whether there is any NaN.
    /// </summary>
    /// <remarks>
    /// Plainly: <c>log(sum of weights) + k ln2</c>, the maximum not left out, each weight within 0.9 ulp. That can be 1.1e-7 off, half an ulp of a
    /// result of 2; below, and where the maximum is not a number or too large for a frame, it is for the caller to do better.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool LogSumExpPlainly(T* x, nint rows, nint length, T* y)
    {
        const double Near = 2;
        RowStates states = default;
        double* exponents = stackalloc double[RowFinish.Rows];
        new Span<double>(exponents, RowFinish.Rows).Clear();
        bool anyLeft = false;
        int tile = TileRows(length);
        for (nint row = 0; row < rows; row += tile)
        {
            int count = (int)nint.Min(tile, rows - row);
            T* source = x + (row * length);
            if (length <= BlockLength)
            {
                PlainSums(source, count, length, count * length, &states, exponents);
            }
            else
            {
                states.Sums[0] = PlainSumOfBlocks(source, length, out exponents[0]);
            }

            RowFinish.LogSumExp(exponents, states.Sums);
            for (int r = 0; r < count; r++)
            {
                bool enough = Math.Abs(states.Sums[r]) >= Near;
                y[row + r] = Number(enough ? states.Sums[r] : double.NaN);
                anyLeft |= !enough;
            }
        }

        return anyLeft;
    }

    /// <summary>The plain sums of rows, with the exponent of their unit; NaN for a row that has no frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PlainSums(T* x, int count, nint length, nint ahead, RowStates* states, double* exponents)
    {
        Largest(x, count, length, states->Max);
        for (int r = 0; r < count; r++)
        {
            states->Origins[r] = HasFrame(states->Max[r]) ? states->Max[r] : double.NaN;
            exponents[r] = Weights<TVector, T>.Exponent(states->Origins[r]) - Weights<TVector, T>.Bias;
        }

        PlainSum(x, count, length, ahead, states);
    }

    /// <summary>Blocks have frames of their own; sums in different frames join after a multiplication by a power of two, which is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double PlainSumOfBlocks(T* x, nint length, out double exponent)
    {
        RowStates block = default;
        double sum = 0;
        exponent = double.NegativeInfinity;
        for (nint start = 0; start < length; start += BlockLength)
        {
            double blockExponent;
            nint count = nint.Min(BlockLength, length - start);
            PlainSums(x + start, 1, count, BlockLength, &block, &blockExponent);
            if (double.IsNaN(blockExponent))
            {
                if (double.IsNegativeInfinity(block.Max[0]) && !HasNaN(x + start, count))
                {
                    continue;
                }

                return double.NaN;
            }

            if (blockExponent > exponent)
            {
                sum = ScalarFunctions.Scale(sum, exponent - blockExponent) + block.Sums[0];
                exponent = blockExponent;
            }
            else
            {
                sum += ScalarFunctions.Scale(block.Sums[0], blockExponent - exponent);
            }
        }

        return sum;
    }

    /// <summary>Half a megabyte of float.</summary>
    private const int RowAhead = 1 << 17;

    /// <summary>Writes <c>scale * softmax</c> of each row; x and y may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SoftMax(T* x, T* y, nint rows, nint length, double scale)
    {
        RowStates states = default;
        int tile = TileRows(length);
        for (nint row = 0; row < rows; row += tile)
        {
            int count = (int)nint.Min(tile, rows - row);
            nint elements = count * length;
            T* source = x + (row * length), target = y + (row * length);
            if (length <= BlockLength)
            {
                Largest(source, count, length, states.Max);
                bool framed = true;
                for (int r = 0; r < count; r++)
                {
                    states.Origins[r] = states.Max[r];
                    framed &= HasFrame(states.Max[r]);
                }

                if (framed)
                {
                    Sum<Stored>(source, target, count, length, elements, target + elements, &states);
                    RowFinish.Reciprocals(scale, states.Sums, states.SumErrors);
                    Multiply(target, count, length, states.Sums, states.SumErrors);
                    continue;
                }
            }

            for (int r = 0; r < count; r++)
            {
                SoftMaxAlone(source + (r * length), target + (r * length), length, scale);
            }
        }
    }

    /// <summary>Softmax of a row of any length and maximum. A row without probabilities becomes NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftMaxAlone(T* x, T* y, nint length, double scale)
    {
        RowStates states = default;
        double max = double.NegativeInfinity;
        for (nint start = 0; start < length; start += BlockLength)
        {
            Largest(x + start, 1, nint.Min(BlockLength, length - start), states.Max);
            max = Math.Max(max, states.Max[0]);
        }

        if (!HasFrame(max))
        {
            // What is left of a finite maximum is 0; of one that is not, the whole row is NaN.
            states.Max[0] = double.IsFinite(max) ? max : double.NaN;
            states.Logs[0] = 0;
            Subtract(x, y, 1, length, states.Max, states.Logs);
            x = y;
            max = 0;
        }

        // A row that leaves the second-level cache room for two more has the next one brought there.
        nint ahead = length <= RowAhead ? length : BlockLength;
        double sum = 0, sumError = 0;
        states.Origins[0] = max;
        for (nint start = 0; start < length; start += BlockLength)
        {
            Sum<Stored>(x + start, y + start, 1, nint.Min(BlockLength, length - start), ahead, y + start + BlockLength, &states);
            (sum, double error) = LogSumState.TwoSum(sum, states.Sums[0]);
            sumError += error + states.SumErrors[0];
        }

        states.Sums[0] = sum;
        states.SumErrors[0] = sumError;
        RowFinish.Reciprocals(scale, states.Sums, states.SumErrors);
        Multiply(y, 1, length, states.Sums, states.SumErrors);
    }

    /// <summary>Writes log-softmax of each row; x and y may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LogSoftMax(T* x, T* y, nint rows, nint length)
    {
        RowStates states = default;
        int tile = TileRows(length);
        for (nint row = 0; row < rows; row += tile)
        {
            int count = (int)nint.Min(tile, rows - row);
            T* source = x + (row * length), target = y + (row * length);
            StatesAndLogs(source, target, count, length, &states);
            for (int r = 0; r < count; r++)
            {
                states.Max[r] = double.IsFinite(states.Max[r]) ? states.Max[r] : double.NaN;
            }

            Subtract(source, target, count, length, states.Max, states.Logs);
        }
    }
}
