using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>The softmax of each key over the queries, which are in the lanes, from the tiles that the softmax of the queries is made of.</summary>
/// <remarks>
/// Eight states a key: number i has the queries i, i + 8, ..., in blocks of three of them, whatever the width of the panels, which have a whole number of blocks; so the sums
/// are vectors of eight lanes on every machine. Scalar equivalent, a state: <c>m' = max(m, x0, x1, x2); sum = sum e^(m - m') + (e^(x0 - m') + e^(x1 - m') + e^(x2 - m'))</c>.
/// </remarks>
internal sealed unsafe class ColumnStates : IDisposable
{
    private const int Lanes = 8, Block = 3 * Lanes, Floats = 3 * Lanes;

    private readonly TileMemory _memory;

    public ColumnStates(int keys)
    {
        _memory = new((nint)keys * Floats);
        for (int key = 0; key < keys; key++)
        {
            new Span<float>(Of(key), Lanes).Fill(float.NegativeInfinity);
            new Span<float>(Of(key) + Lanes, 2 * Lanes).Clear();
        }
    }

    public void Dispose() => _memory.Dispose();

    /// <summary>Takes a tile whose lanes that are no queries, or are left out, hold -infinity. Tiles of a key come in the order of their queries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void See<TVector>(in LogitTile tile)
        where TVector : unmanaged, ITileVector<TVector>
    {
        TileVector256 none = TileVector256.Create(float.NegativeInfinity), zero = TileVector256.Create(0);
        float* twice = stackalloc float[2 * Lanes], exps = stackalloc float[MicroKernel<TVector>.PanelWidth];
        for (int key = 0; key < tile.Keys; key++)
        {
            float* state = Of(tile.FirstKey + key), x = tile.Logits + (key * tile.Stride);
            TileVector256 max = TileVector256.Load(state);
            max.Store(twice);
            max.Store(twice + Lanes);
            if (HasLarger<TVector>(x, tile.Width, twice))
            {
                SeeLarger(x, tile.Width, state);
                continue;
            }

            // As in SeeLarger, where no maximum changes: the exponentials are those of whole vectors.
            TileVector256 reference = TileVector256.SelectLess(none, max, max, zero), sum = TileVector256.Load(state + Lanes), low = TileVector256.Load(state + (2 * Lanes));
            reference.Store(twice);
            reference.Store(twice + Lanes);
            for (int i = 0; i < tile.Width; i += TVector.Count)
            {
                TileExp<TVector>.Of(TVector.Load(x + i) - TVector.Load(twice)).Store(exps + i);
            }

            for (int i = 0; i < tile.Width; i += Block)
            {
                Add(At(exps, i, tile.Width, zero), At(exps, i + Lanes, tile.Width, zero), At(exps, i + (2 * Lanes), tile.Width, zero), ref sum, ref low);
            }

            sum.Store(state + Lanes);
            low.Store(state + (2 * Lanes));
        }
    }

    /// <summary>Whether a lane is larger than its maximum. <paramref name="max"/> holds the eight of them twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool HasLarger<TVector>(float* x, int width, float* max)
        where TVector : unmanaged, ITileVector<TVector>
    {
        bool has = false;
        for (int i = 0; i < width; i += TVector.Count)
        {
            has |= TVector.AnyLess(TVector.Load(max), TVector.Load(x + i));
        }

        return has;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SeeLarger(float* x, int width, float* state)
    {
        TileVector256 none = TileVector256.Create(float.NegativeInfinity), zero = TileVector256.Create(0), least = TileVector256.Create(-200);
        TileVector256 max = TileVector256.Load(state), sum = TileVector256.Load(state + Lanes), low = TileVector256.Load(state + (2 * Lanes));
        for (int i = 0; i < width; i += Block)
        {
            TileVector256 x0 = TileVector256.Load(x + i), x1 = At(x, i + Lanes, width, none), x2 = At(x, i + (2 * Lanes), width, none), old = max;
            max = TileVector256.Max(max, TileVector256.Max(x0, TileVector256.Max(x1, x2)));

            // Where there is nothing but -infinity, differences to 0 instead of to it are no NaN.
            TileVector256 reference = TileVector256.SelectLess(none, max, max, zero);
            if (TileVector256.AnyLess(old, max))
            {
                TileVector256 factor = TileExp<TileVector256>.Of(TileVector256.Max(least, old - reference));
                sum *= factor;
                low *= factor;
            }

            Add(TileExp<TileVector256>.Of(x0 - reference), TileExp<TileVector256>.Of(x1 - reference), TileExp<TileVector256>.Of(x2 - reference), ref sum, ref low);
        }

        max.Store(state);
        sum.Store(state + Lanes);
        low.Store(state + (2 * Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TileVector256 At(float* x, int i, int width, TileVector256 otherwise) => i < width ? TileVector256.Load(x + i) : otherwise;

    /// <summary>What the addition loses is kept (Knuth's TwoSum).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(TileVector256 e0, TileVector256 e1, TileVector256 e2, ref TileVector256 sum, ref TileVector256 low)
    {
        TileVector256 part = (e0 + e1) + e2, total = sum + part, back = total - sum;
        low += (sum - (total - back)) + (part - back);
        sum = total;
    }

    /// <summary>The sums of one key over all queries.</summary>
    public SoftMaxSums Join(int key)
    {
        float* state = Of(key);
        float max = float.NegativeInfinity;
        for (int i = 0; i < Lanes; i++)
        {
            max = MathF.Max(max, state[i]);
        }

        double sum = 0;
        for (int i = 0; i < Lanes; i++)
        {
            double part = state[Lanes + i] + (double)state[(2 * Lanes) + i];
            if (!float.IsNegativeInfinity(state[i]) || double.IsNaN(part))
            {
                sum += part * ScalarFunctions.Exp((double)state[i] - max);
            }
        }

        return new(max, sum, 0, 0);
    }

    private float* Of(int key) => _memory.Floats + ((nint)key * Floats);
}
