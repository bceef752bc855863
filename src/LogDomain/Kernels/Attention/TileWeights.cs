using System.Runtime.CompilerServices;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Attention;

/// <summary>The step from scores to weights of the online softmax (Milakov and Gimelshein 2018, algorithm 3; Dao 2023, section 3.1): rows in the lanes, keys one after the other.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal static unsafe class TileWeights<TVector>
    where TVector : unmanaged, ITileVector<TVector>
{
    /// <summary>
    /// The reference of a row moves when its maximum has grown by more than this. Less would scale the output more often; with more, the weights, at most e^8, would have to be kept from overflow, and
    /// small ones would be lost earlier below the largest.
    /// </summary>
    public const float Lazy = 8;

    /// <summary>Keys whose weights are added one after the other.</summary>
    private const int KeysOfSum = 16;

    /// <summary>
    /// Scores become weights <c>e^(factor score - reference)</c> in place, and their sums are added. Where a reference moves, the sum and the output so far are scaled. Whether it moves is decided for each lane by itself,
    /// so that no bit depends on who its neighbours are.
    /// </summary>
    /// <param name="tile">Scores, a row of <paramref name="width"/> for each key.</param>
    /// <param name="width">Lanes.</param>
    /// <param name="keys">Rows of the tile.</param>
    /// <param name="factor">What scores are multiplied by, above 0.</param>
    /// <param name="reference">Of each lane; -infinity before it has seen anything.</param>
    /// <param name="sum">Of each lane: the sum so far, and <paramref name="width"/> floats later what its additions lost.</param>
    /// <param name="output">Sums of weights times values, a row of <paramref name="width"/> for each feature.</param>
    /// <param name="features">Rows of the output; 0 if it holds nothing yet.</param>
    /// <returns>Whether any lane has seen a score above -infinity in this tile. If not, all weights are 0 (or NaN, as the sums are then).</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool Weigh(float* tile, int width, int keys, float factor, float* reference, float* sum, float* output, nint features)
    {
        bool any = false;
        for (int lane = 0; lane < width; lane += TVector.Count)
        {
            any |= WeighLanes(tile + lane, width, keys, TVector.Create(factor), reference + lane, sum + lane, sum + width + lane, output + lane, features);
        }

        return any;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool WeighLanes(float* tile, nint width, int keys, TVector factor, float* reference, float* sum, float* low, float* output, nint features)
    {
        TVector none = TVector.Create(float.NegativeInfinity), max0 = none, max1 = none, max2 = none, max3 = none, min = TVector.Create(float.PositiveInfinity);
        float* p = tile;
        int whole = keys & ~3, key = 0;
        for (; key < whole; key += 4, p += 4 * width)
        {
            TVector x0 = TVector.Load(p), x1 = TVector.Load(p + width), x2 = TVector.Load(p + (2 * width)), x3 = TVector.Load(p + (3 * width));
            (max0, max1, max2, max3) = (TVector.Max(max0, x0), TVector.Max(max1, x1), TVector.Max(max2, x2), TVector.Max(max3, x3));
            min = TVector.Min(min, TVector.Min(TVector.Min(x0, x1), TVector.Min(x2, x3)));
        }

        for (; key < keys; key++, p += width)
        {
            max0 = TVector.Max(max0, TVector.Load(p));
            min = TVector.Min(min, TVector.Load(p));
        }

        TVector max = TVector.Max(TVector.Max(max0, max1), TVector.Max(max2, max3)) * factor, old = TVector.Load(reference), now = old;
        TVector total = TVector.Load(sum), rest = TVector.Load(low), lazy = old + TVector.Create(Lazy);
        if (TVector.AnyLess(lazy, max))
        {
            now = TVector.SelectLess(lazy, max, max, old);
            TVector scale = TileExp<TVector>.Of(old - Known(now));
            now.Store(reference);
            total *= scale;
            rest *= scale;
            for (nint i = 0; i < features; i++)
            {
                (TVector.Load(output + (i * width)) * scale).Store(output + (i * width));
            }
        }

        TVector shift = default(TVector) - Known(now);
        TVector part = TVector.AllLess(TVector.Create(TileExp<TVector>.LowestNormal), TVector.FusedMultiplyAdd(min, factor, shift))
            ? Weigh<Normal>(tile, width, keys, factor, shift)
            : Weigh<Any>(tile, width, keys, factor, shift);

        // A million keys are thousands of tiles: what an addition loses is kept (Knuth's TwoSum).
        TVector joined = total + part, back = joined - total;
        rest += (total - (joined - back)) + (part - back);
        joined.Store(sum);
        rest.Store(low);
        return TVector.AnyLess(none, max);
    }

    /// <summary>
    /// Writes the weights and returns their sum: sums of a few keys, which are added in their order. Keys that a longer tile would have beside, but hidden, change nothing. One exponential a step, which leaves its constants
    /// in memory: four share them, and spill what they have half computed.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Weigh<TRange>(float* tile, nint width, int keys, TVector factor, TVector shift)
        where TRange : struct, IRange
    {
        TVector total = default;
        float* p = tile;
        for (int key = 0; key < keys;)
        {
            TVector sum = default;
            int end = Math.Min(keys, key + KeysOfSum);
            for (; key < end; key++, p += width)
            {
                TVector x = TVector.FusedMultiplyAdd(TVector.Load(p), factor, shift), e = TRange.IsNormal ? TileExp<TVector>.OfNormal(x) : TileExp<TVector>.Of(x);
                e.Store(p);
                sum += e;
            }

            total += sum;
        }

        return total;
    }

    /// <summary>The reference, or 0 where there is none yet: differences to it are then -infinity and no NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Known(TVector reference) => TVector.SelectLess(TVector.Create(float.NegativeInfinity), reference, reference, default);

    /// <summary>Whether all exponentials are normal numbers: a constant at compile time.</summary>
    private interface IRange
    {
        static abstract bool IsNormal { get; }
    }

    private readonly struct Normal : IRange
    {
        public static bool IsNormal => true;
    }

    private readonly struct Any : IRange
    {
        public static bool IsNormal => false;
    }
}
