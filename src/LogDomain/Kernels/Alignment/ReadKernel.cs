using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels.Alignment;

/// <summary>
/// The probability of one read given many haplotypes, which lie in the lanes: no lane waits for another, and the read's probabilities are the same for all. A read base after the other, over all
/// columns of the haplotypes.
/// </summary>
/// <remarks>
/// Numbers are probabilities times 2^Start. What falls below the smallest normal number is lost, but no path gains on its way: so the loss is at most one smallest normal number for each cell, and a result that is
/// 2^Safe times that is right. The others are done again with more range.
/// </remarks>
internal static unsafe class ReadKernel<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged
{
    /// <summary>Where probabilities begin: the sum of a row of 2^20 of them stays in range.</summary>
    private static int Start => typeof(T) == typeof(float) ? 100 : 1000;

    /// <summary>Binary digits of a result that the loss may not reach: 2^-30 of it in float, 2^-56 in double.</summary>
    private static int Safe => typeof(T) == typeof(float) ? 30 : 56;

    private static int LeastNormal => typeof(T) == typeof(float) ? -126 : -1022;

    /// <summary>Columns that go through all of the read before the next ones: their states and bases are 24 KB, which stay in the first-level cache.</summary>
    private const int Tile = 48;

    /// <summary>The natural logarithms, or NaN where the range was not enough.</summary>
    /// <param name="read">The read and its probabilities.</param>
    /// <param name="haplotypes">Codes of bases, column after column, <c>TVector.Count</c> haplotypes in each.</param>
    /// <param name="columns">The longest of them.</param>
    /// <param name="lengths">The length of each lane; 0 for none.</param>
    /// <param name="memory">(3 + 5) * (columns + 1) vectors, and 3 for each base of the read and one more.</param>
    /// <param name="results">One for each lane.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in ReadModel read, byte* haplotypes, int columns, int* lengths, T* memory, double* results)
    {
        int lanes = TVector.Count;
        T* match = memory, insertion = match + (lanes * (columns + 1)), deletion = insertion + (lanes * (columns + 1)), equal = deletion + (lanes * (columns + 1));
        nint plane = (nint)lanes * (columns + 1);
        T* border = equal + (5 * plane);

        // For each base, where the haplotypes have it or something unknown, as 1 and 0.
        new Span<T>(equal, checked((int)(4 * plane))).Clear();
        new Span<T>(equal + (4 * plane), (int)plane).Fill(Of(1));
        for (nint i = 0; i < (nint)lanes * columns; i++)
        {
            int code = haplotypes[i];
            if (code < 4)
            {
                equal[(plane * code) + lanes + i] = Of(1);
            }

            for (int known = 0; code == 4 && known < 4; known++)
            {
                equal[(plane * known) + lanes + i] = Of(1);
            }
        }

        // Before the first base a path may stand anywhere in the haplotype.
        TVector zero = TVector.Create(0);
        for (int c = 0; c <= columns; c++)
        {
            zero.Store(match + (lanes * c));
            zero.Store(insertion + (lanes * c));
            for (int lane = 0; lane < lanes; lane++)
            {
                deletion[(lanes * c) + lane] = Of(c <= lengths[lane] && lengths[lane] > 0 ? Math.ScaleB(1.0 / lengths[lane], Start) : 0);
            }
        }

        // A path cannot be before the haplotype after the first base of the read.
        new Span<T>(border, checked(3 * lanes * (read.Length + 1))).Clear();
        TVector.Load(deletion).Store(border + (2 * lanes));
        for (int first = 1; first <= columns; first += Tile)
        {
            RunTile(read, first, Math.Min(columns, first + Tile - 1), match, equal, plane, border);
        }

        // A path ends with the read, wherever it stands in the haplotype.
        double least = Math.ScaleB((double)read.Length * columns * 3, LeastNormal + Safe);
        for (int lane = 0; lane < lanes; lane++)
        {
            double sum = 0;
            for (int c = 1; c <= lengths[lane]; c++)
            {
                sum += Double(match[(lanes * c) + lane]) + Double(insertion[(lanes * c) + lane]);
            }

            results[lane] = sum >= least ? new ScaledNumber(sum, -Start).Log() : double.NaN;
        }
    }

    /// <summary>Some columns, for all bases of the read. The border has, for each base, the states of the column before, and gets those of the last one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunTile(in ReadModel read, int first, int last, T* match, T* equal, nint plane, T* border)
    {
        int lanes = TVector.Count;
        TVector m0 = TVector.Load(border), i0 = TVector.Load(border + lanes), d0 = TVector.Load(border + (2 * lanes));
        T* tile = match + ((nint)lanes * last);
        Save(border, TVector.Load(tile), TVector.Load(tile + plane), TVector.Load(tile + (2 * plane)));
        for (int r = 0; r < read.Length; r++)
        {
            TVector wrong = TVector.Create(read.Wrong[r]), more = TVector.Create(read.Right[r] - read.Wrong[r]);
            TVector matchToMatch = TVector.Create(read.MatchToMatch[r]), gapToMatch = TVector.Create(read.GapToMatch[r]);
            TVector matchToInsertion = TVector.Create(read.MatchToInsertion[r]), matchToDeletion = TVector.Create(read.MatchToDeletion[r]), goOn = TVector.Create(read.GapExtend[r]);
            T* same = equal + (plane * read.Bases[r]) + ((nint)lanes * first), at = match + ((nint)lanes * first), before = border + (3 * (nint)lanes * (r + 1)), end = match + ((nint)lanes * last);
            TVector m = TVector.Load(before), i = TVector.Load(before + lanes), d = TVector.Load(before + (2 * lanes));
            TVector nextM = m, nextI = i, nextD = d;
            for (; at <= end; at += lanes, same += lanes)
            {
                TVector m1 = TVector.Load(at), i1 = TVector.Load(at + plane), d1 = TVector.Load(at + (2 * plane));
                TVector next = TVector.FusedMultiplyAdd(matchToMatch, m0, gapToMatch * (i0 + d0)) * TVector.FusedMultiplyAdd(TVector.Load(same), more, wrong);
                d = TVector.FusedMultiplyAdd(goOn, d, matchToDeletion * m);
                i = TVector.FusedMultiplyAdd(matchToInsertion, m1, goOn * i1);
                m = next;
                m.Store(at);
                i.Store(at + plane);
                d.Store(at + (2 * plane));
                m0 = m1;
                i0 = i1;
                d0 = d1;
            }

            Save(before, m, i, d);
            (m0, i0, d0) = (nextM, nextI, nextD);
        }

        static void Save(T* to, TVector m, TVector i, TVector d)
        {
            m.Store(to);
            i.Store(to + TVector.Count);
            d.Store(to + (2 * TVector.Count));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Double(T value) => typeof(T) == typeof(float) ? (float)(object)value : (double)(object)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Of(double value) => typeof(T) == typeof(float) ? (T)(object)(float)value : (T)(object)value;
}

/// <summary>One read against haplotypes: floats, doubles where their range is not enough, and numbers with an exponent of their own where theirs is not.</summary>
internal static unsafe class ReadKernel
{
    private static bool IsWide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    public static void Run(in ReadModel read, byte[][] haplotypes, Span<double> results)
    {
        Pass<float>(read, haplotypes, results, 16);
        Pass<double>(read, haplotypes, results, 8);
        for (int h = 0; h < haplotypes.Length; h++)
        {
            results[h] = double.IsNaN(results[h]) ? Scaled(read, haplotypes[h]) : results[h];
        }
    }

    /// <summary>Those that are not done yet.</summary>
    private static void Pass<T>(in ReadModel read, byte[][] haplotypes, Span<double> results, int lanes)
        where T : unmanaged
    {
        int* which = stackalloc int[16], lengths = stackalloc int[16];
        double* sums = stackalloc double[16];
        for (int h = 0; h < haplotypes.Length;)
        {
            int count = 0, columns = 0;
            for (; h < haplotypes.Length && count < lanes; h++)
            {
                if (double.IsNaN(results[h]))
                {
                    lengths[count] = haplotypes[h].Length;
                    columns = Math.Max(columns, haplotypes[h].Length);
                    which[count++] = h;
                }
            }

            if (count == 0)
            {
                return;
            }

            for (int lane = count; lane < lanes; lane++)
            {
                lengths[lane] = 0;
            }

            using Scratch<byte> codes = new((nint)lanes * columns);
            codes.Span.Fill(5);
            for (int lane = 0; lane < count; lane++)
            {
                for (int c = 0; c < lengths[lane]; c++)
                {
                    codes.Span[(c * lanes) + lane] = haplotypes[which[lane]][c];
                }
            }

            using Scratch<T> scratch = new((nint)lanes * ((8 * (columns + 1)) + (3 * (read.Length + 1))) + lanes);
            fixed (byte* code = codes.Span)
            fixed (T* begin = scratch.Span)
            {
                T* memory = (T*)(((nint)begin + 63) & ~63);   // vectors that begin with a line of the cache
                if (typeof(T) == typeof(float) && IsWide)
                {
                    ReadKernel<SingleVector512, float>.Run(read, code, columns, lengths, (float*)memory, sums);
                }
                else if (typeof(T) == typeof(float))
                {
                    ReadKernel<SingleVector256Pair, float>.Run(read, code, columns, lengths, (float*)memory, sums);
                }
                else if (IsWide)
                {
                    ReadKernel<DoubleVector512, double>.Run(read, code, columns, lengths, (double*)memory, sums);
                }
                else
                {
                    ReadKernel<DoubleVector256Pair, double>.Run(read, code, columns, lengths, (double*)memory, sums);
                }
            }

            for (int lane = 0; lane < count; lane++)
            {
                results[which[lane]] = sums[lane];
            }
        }
    }

    /// <summary>The same recurrence with an exponent for each row of the haplotype's columns and for each number.</summary>
    private static double Scaled(in ReadModel read, byte[] haplotype)
    {
        int columns = haplotype.Length;
        ScaledNumber[] match = new ScaledNumber[columns + 1], insertion = new ScaledNumber[columns + 1], deletion = new ScaledNumber[columns + 1];
        Array.Fill(match, ScaledNumber.Zero);
        Array.Fill(insertion, ScaledNumber.Zero);
        Array.Fill(deletion, Number(1.0 / columns));
        for (int r = 0; r < read.Length; r++)
        {
            ScaledNumber right = Number(read.Right[r]), wrong = Number(read.Wrong[r]), toMatch = Number(read.MatchToMatch[r]), gapToMatch = Number(read.GapToMatch[r]);
            ScaledNumber toInsertion = Number(read.MatchToInsertion[r]), toDeletion = Number(read.MatchToDeletion[r]), goOn = Number(read.GapExtend[r]);
            ScaledNumber m0 = match[0], i0 = insertion[0], d0 = deletion[0], m = ScaledNumber.Zero, d = ScaledNumber.Zero;
            match[0] = ScaledNumber.Zero;
            insertion[0] = ((toInsertion * m0) + (goOn * i0)).Normalised();
            deletion[0] = ScaledNumber.Zero;
            for (int c = 1; c <= columns; c++)
            {
                ScaledNumber m1 = match[c], i1 = insertion[c], d1 = deletion[c];
                bool isSame = read.Bases[r] == 4 || haplotype[c - 1] == 4 || read.Bases[r] == haplotype[c - 1];
                d = ((goOn * d) + (toDeletion * m)).Normalised();
                m = (((toMatch * m0) + (gapToMatch * (i0 + d0))) * (isSame ? right : wrong)).Normalised();
                match[c] = m;
                insertion[c] = ((toInsertion * m1) + (goOn * i1)).Normalised();
                deletion[c] = d;
                (m0, i0, d0) = (m1, i1, d1);
            }
        }

        ScaledNumber sum = ScaledNumber.Zero;
        for (int c = 1; c <= columns; c++)
        {
            sum += match[c] + insertion[c];
        }

        return sum.Log();

        static ScaledNumber Number(double value) => value == 0 ? ScaledNumber.Zero : new(value, 0);
    }
}
