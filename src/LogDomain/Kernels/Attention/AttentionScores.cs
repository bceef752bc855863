using System.Runtime.CompilerServices;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Attention;

/// <summary>
/// What lies between a dot product and its weight: scale, cap, slopes of distance, bias, mask, and which keys a query may see by their places. In this order, with the caller's own function before the masks.
/// </summary>
internal sealed unsafe class AttentionScores
{
    public required double Scale { get; init; }

    /// <summary>0 for none.</summary>
    public double Cap { get; init; }

    /// <summary>A slope for each head, null if there are none.</summary>
    public float* Slopes { get; init; }

    public ScoreValues<float> Bias { get; init; }

    public ScoreValues<bool> Mask { get; init; }

    /// <summary>How many keys before its own place a query sees, and how many after it; -1 for all.</summary>
    public long Before { get; init; } = -1;

    public long After { get; init; } = -1;

    /// <summary>A logit of each head which is part of the sum and has no value, null if there are none.</summary>
    public float* Sinks { get; init; }

    /// <summary>Whether a weight is e^(scale * dot product) but for keys that the query does not see by their places.</summary>
    public bool IsPlain => Cap == 0 && Slopes == null && !Bias.IsGiven && !Mask.IsGiven && Scale != 0;

    public double Sink(int head) => Sinks == null ? double.NegativeInfinity : Sinks[head];

    public double Slope(int head) => Slopes == null ? 0 : Slopes[head];

    /// <summary>The keys that a query at a place may see: from <paramref name="low"/> to before <paramref name="high"/>.</summary>
    public void See(long position, int keys, out int low, out int high)
    {
        low = Before < 0 ? 0 : (int)Math.Clamp(position - Before, 0, keys);
        high = After < 0 ? keys : (int)Math.Clamp(position + After + 1, low, keys);
    }

    /// <summary>The score of one dot product in double, -infinity if the mask hides it. For what is the same for all types; the kernels of floats have loops of their own.</summary>
    public double Of<TScore>(double dot, int batch, int head, int query, int key, long position, in TScore score)
        where TScore : struct, IScoreFunction
    {
        double x = dot * Scale;
        if (Cap != 0)
        {
            x = Cap * Tanh(x / Cap);
        }

        if (Slopes != null)
        {
            x -= (double)Slopes[head] * Math.Abs(position - key);
        }

        if (Bias.IsGiven)
        {
            x += Bias.Row(batch, head, query)[key * Bias.KeyStride];
        }

        if (TScore.IsNeeded)
        {
            x = score.Of(x, batch, head, query, key);
        }

        return Mask.IsGiven && !Mask.Row(batch, head, query)[key * Mask.KeyStride] ? double.NegativeInfinity : x;
    }

    /// <summary>The derivative of <see cref="Of"/> by the dot product, and by what is added to scores before the caller's function.</summary>
    public double SlopeOf<TScore>(double dot, int batch, int head, int query, int key, long position, in TScore score, out double functionSlope)
        where TScore : struct, IScoreFunction
    {
        double x = dot * Scale, slope = Scale;
        functionSlope = 1;
        if (Cap != 0)
        {
            double tanh = Tanh(x / Cap);
            slope *= (1 - tanh) * (1 + tanh);
            x = Cap * tanh;
        }

        if (TScore.IsNeeded)
        {
            x -= Slopes == null ? 0 : (double)Slopes[head] * Math.Abs(position - key);
            x += Bias.IsGiven ? Bias.Row(batch, head, query)[key * Bias.KeyStride] : 0;
            functionSlope = score.Slope(x, batch, head, query, key);
        }

        return slope * functionSlope;
    }

    private static double Tanh(double x)
    {
        double e = ScalarFunctions.ExpM1(-2 * Math.Abs(x));
        return Math.CopySign(-e / (2 + e), x);
    }

    /// <summary>Dot products become scores, for the rows of a panel (lanes) and some keys (rows of the tile).</summary>
    /// <typeparam name="TVector">The vector.</typeparam>
    /// <typeparam name="TScore">The caller's function.</typeparam>
    /// <param name="tile">Dot products, a row of <paramref name="stride"/> for each key.</param>
    /// <param name="stride">Between two rows of the tile.</param>
    /// <param name="slopes">A factor for each dot product, in the same places, that turns derivatives by scores into those by dot products; null if not wanted.</param>
    /// <param name="functionSlopes">Likewise the derivatives of the caller's function alone, if there is one; null if not wanted.</param>
    /// <param name="lanes">The rows of the panel.</param>
    /// <param name="width">Lanes of the panel.</param>
    /// <param name="firstKey">The key of the first row of the tile.</param>
    /// <param name="keys">Rows of the tile.</param>
    /// <param name="room">Room for <paramref name="keys"/> rows of <paramref name="width"/> floats.</param>
    /// <param name="score">The caller's function.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply<TVector, TScore>(
        float* tile, nint stride, float* slopes, float* functionSlopes, in AttentionLanes lanes, int width, int firstKey, int keys, float* room, in TScore score)
        where TVector : unmanaged, ITileVector<TVector>
        where TScore : struct, IScoreFunction
    {
        TVector scale = TVector.Create((float)Scale);
        CappedLogits capped = new(Cap == 0 ? 1 : (float)Cap, 1);
        for (int key = 0; key < keys; key++)
        {
            for (int lane = 0; lane < width; lane += TVector.Count)
            {
                TVector x = TVector.Load(tile + (key * stride) + lane) * scale, slope = scale;
                if (Cap != 0)
                {
                    x = capped.Of(x, out slope);
                    slope *= scale;
                }

                if (Slopes != null)
                {
                    TVector distance = TVector.Abs(TVector.Load(lanes.Offsets + lane) - TVector.Create(key));
                    x -= TVector.Load(lanes.Slopes + lane) * distance;
                }

                x.Store(tile + (key * stride) + lane);
                if (slopes != null)
                {
                    slope.Store(slopes + (key * stride) + lane);
                }
            }
        }

        if (Bias.IsGiven)
        {
            AddBias<TVector>(tile, stride, lanes, width, firstKey, keys, room);
        }

        if (TScore.IsNeeded)
        {
            Call(tile, stride, slopes, functionSlopes, lanes, firstKey, keys, score);
        }

        if (Mask.IsGiven)
        {
            Hide(tile, stride, lanes, firstKey, keys);
        }
    }

    /// <summary>The same for one row, keys in the lanes.</summary>
    /// <param name="x">Dot products that become scores.</param>
    /// <param name="batch">The batch of the row.</param>
    /// <param name="head">The head of the row.</param>
    /// <param name="query">The query of the row.</param>
    /// <param name="position">The place of the query among the keys.</param>
    /// <param name="firstKey">The key of the first product.</param>
    /// <param name="keys">How many products there are.</param>
    /// <param name="room">How many numbers there is room for, a multiple of any vector.</param>
    /// <param name="score">The caller's function.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ApplyToKeys<TVector, TScore>(float* x, int batch, int head, int query, long position, int firstKey, int keys, int room, in TScore score)
        where TVector : unmanaged, ITileVector<TVector>
        where TScore : struct, IScoreFunction
    {
        TVector scale = TVector.Create((float)Scale);
        CappedLogits capped = new(Cap == 0 ? 1 : (float)Cap, 1);
        for (int key = 0; key < room && key < keys; key += TVector.Count)
        {
            TVector scaled = TVector.Load(x + key) * scale;
            (Cap == 0 ? scaled : capped.Of(scaled, out _)).Store(x + key);
        }

        for (int key = 0; key < keys && Slopes != null; key++)
        {
            x[key] -= Slopes[head] * MathF.Abs((float)(position - firstKey) - key);
        }

        float* bias = Bias.IsGiven ? Bias.Row(batch, head, query) + (firstKey * Bias.KeyStride) : null;
        for (int key = 0; key < keys && bias != null; key++)
        {
            x[key] += bias[key * Bias.KeyStride];
        }

        for (int key = 0; key < keys && TScore.IsNeeded; key++)
        {
            x[key] = (float)score.Of(x[key], batch, head, query, firstKey + key);
        }

        bool* mask = Mask.IsGiven ? Mask.Row(batch, head, query) + (firstKey * Mask.KeyStride) : null;
        for (int key = 0; key < keys && mask != null; key++)
        {
            x[key] = mask[key * Mask.KeyStride] ? x[key] : float.NegativeInfinity;
        }
    }

    private void AddBias<TVector>(float* tile, nint stride, in AttentionLanes lanes, int width, int firstKey, int keys, float* room)
        where TVector : unmanaged, ITileVector<TVector>
    {
        // Rows that follow each other in the bias are turned at once.
        for (int lane = 0; lane < lanes.Count;)
        {
            AttentionLane first = lanes[lane];
            int last = lane + 1;
            while (last < lanes.Count && lanes[last].Head == first.Head && lanes[last].Query == first.Query + last - lane)
            {
                last++;
            }

            float* source = Bias.Row(lanes.Batch, first.Head, first.Query) + (firstKey * Bias.KeyStride);
            Transposition.Copy(source, Bias.QueryStride, Bias.KeyStride, last - lane, keys, room + lane, 1, width);
            lane = last;
        }

        for (int key = 0; key < keys; key++)
        {
            new Span<float>(room + (key * width) + lanes.Count, width - lanes.Count).Clear();
            for (int lane = 0; lane < width; lane += TVector.Count)
            {
                float* x = tile + (key * stride) + lane;
                (TVector.Load(x) + TVector.Load(room + (key * width) + lane)).Store(x);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Call<TScore>(float* tile, nint stride, float* slopes, float* functionSlopes, in AttentionLanes lanes, int firstKey, int keys, in TScore score)
        where TScore : struct, IScoreFunction
    {
        for (int key = 0; key < keys; key++)
        {
            float* x = tile + (key * stride);
            for (int lane = 0; lane < lanes.Count; lane++)
            {
                int head = lanes[lane].Head, query = lanes[lane].Query;
                if (slopes != null)
                {
                    slopes[(key * stride) + lane] *= (float)score.Slope(x[lane], lanes.Batch, head, query, firstKey + key);
                }

                if (functionSlopes != null)
                {
                    functionSlopes[(key * stride) + lane] = (float)score.Slope(x[lane], lanes.Batch, head, query, firstKey + key);
                }

                x[lane] = (float)score.Of(x[lane], lanes.Batch, head, query, firstKey + key);
            }
        }
    }

    private void Hide(float* tile, nint stride, in AttentionLanes lanes, int firstKey, int keys)
    {
        for (int lane = 0; lane < lanes.Count; lane++)
        {
            bool* row = Mask.Row(lanes.Batch, lanes[lane].Head, lanes[lane].Query) + (firstKey * Mask.KeyStride);
            int key = 0;
            if (Mask.KeyStride == 1)
            {
                // Most tiles show all keys.
                key = new ReadOnlySpan<bool>(row, keys).IndexOf(false);
                key = key < 0 ? keys : key;
            }

            for (; key < keys; key++)
            {
                if (!row[key * Mask.KeyStride])
                {
                    tile[(key * stride) + lane] = float.NegativeInfinity;
                }
            }
        }
    }

    /// <summary>Scores of keys outside of what each row may see become -infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void HidePlaces<TVector>(float* tile, nint stride, in AttentionLanes lanes, int width, int firstKey, int keys)
        where TVector : unmanaged, ITileVector<TVector>
    {
        float* low = lanes.Low, high = lanes.High;
        for (int lane = 0; lane < width; lane++)
        {
            // Within the tile, so that they are exact as floats.
            AttentionLane row = lanes[Math.Min(lane, lanes.Count - 1)];
            low[lane] = Math.Clamp(row.Low - firstKey, 0, keys);
            high[lane] = Math.Clamp(row.High - firstKey, 0, keys);
        }

        TVector hidden = TVector.Create(float.NegativeInfinity);
        for (int lane = 0; lane < width; lane += TVector.Count)
        {
            TVector first = TVector.Load(low + lane), end = TVector.Load(high + lane);
            for (int key = 0; key < keys; key++)
            {
                TVector place = TVector.Create(key);
                float* x = tile + (key * stride) + lane;
                TVector.SelectLess(place, end, TVector.SelectLess(place, first, hidden, TVector.Load(x)), hidden).Store(x);
            }
        }
    }
}
