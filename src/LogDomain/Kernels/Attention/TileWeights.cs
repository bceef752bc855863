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
        TVector none = TVector.Create(float.NegativeInfinity), max0 = none, max1 = none, max2 = none, max3 = none;
        float* p = tile;
        int whole = keys & ~3, key = 0;
        for (; key < whole; key += 4, p += 4 * width)
        {
            max0 = TVector.Max(max0, TVector.Load(p));
            max1 = TVector.Max(max1, TVector.Load(p + width));
            max2 = TVector.Max(max2, TVector.Load(p + (2 * width)));
            max3 = TVector.Max(max3, TVector.Load(p + (3 * width)));
        }

        for (; key < keys; key++, p += width)
        {
            max0 = TVector.Max(max0, TVector.Load(p));
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

        TVector shift = default(TVector) - Known(now), sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        p = tile;
        for (key = 0; key < whole; key += 4, p += 4 * width)
        {
            TVector e0 = TileExp<TVector>.Of(TVector.FusedMultiplyAdd(TVector.Load(p), factor, shift));
            TVector e1 = TileExp<TVector>.Of(TVector.FusedMultiplyAdd(TVector.Load(p + width), factor, shift));
            TVector e2 = TileExp<TVector>.Of(TVector.FusedMultiplyAdd(TVector.Load(p + (2 * width)), factor, shift));
            TVector e3 = TileExp<TVector>.Of(TVector.FusedMultiplyAdd(TVector.Load(p + (3 * width)), factor, shift));
            e0.Store(p);
            e1.Store(p + width);
            e2.Store(p + (2 * width));
            e3.Store(p + (3 * width));
            sum0 += e0;
            sum1 += e1;
            sum2 += e2;
            sum3 += e3;
        }

        // The last keys have the sums that they would have in a longer tile whose other keys are hidden.
        if (key < keys)
        {
            sum0 += WeighKey(p, factor, shift);
        }

        if (key + 1 < keys)
        {
            sum1 += WeighKey(p + width, factor, shift);
        }

        if (key + 2 < keys)
        {
            sum2 += WeighKey(p + (2 * width), factor, shift);
        }

        // A million keys are thousands of tiles: what an addition loses is kept (Knuth's TwoSum).
        TVector part = (sum0 + sum1) + (sum2 + sum3), joined = total + part, back = joined - total;
        rest += (total - (joined - back)) + (part - back);
        joined.Store(sum);
        rest.Store(low);
        return TVector.AnyLess(none, max);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector WeighKey(float* p, TVector factor, TVector shift)
    {
        TVector e = TileExp<TVector>.Of(TVector.FusedMultiplyAdd(TVector.Load(p), factor, shift));
        e.Store(p);
        return e;
    }

    /// <summary>The reference, or 0 where there is none yet: differences to it are then -infinity and no NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Known(TVector reference) => TVector.SelectLess(TVector.Create(float.NegativeInfinity), reference, reference, default);
}
