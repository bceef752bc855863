using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>The softmax of each key over the queries, which are in the lanes, from the tiles that the softmax of the queries is made of.</summary>
/// <remarks>
/// Eight states a key: number i has the queries i, i + 8, ..., in blocks of three of them, whatever the width of the panels, which have a whole number of blocks; so vectors
/// have eight lanes here on every machine. Scalar equivalent, a state: <c>m' = max(m, x0, x1, x2); sum = sum e^(m - m') + (e^(x0 - m') + e^(x1 - m') + e^(x2 - m'))</c>.
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
    public void See(in LogitTile tile)
    {
        TileVector256 none = TileVector256.Create(float.NegativeInfinity), zero = TileVector256.Create(0), least = TileVector256.Create(-200);
        for (int key = 0; key < tile.Keys; key++)
        {
            float* state = Of(tile.FirstKey + key), x = tile.Logits + (key * tile.Stride);
            TileVector256 max = TileVector256.Load(state), sum = TileVector256.Load(state + Lanes), low = TileVector256.Load(state + (2 * Lanes));
            for (int i = 0; i < tile.Width; i += Block)
            {
                TileVector256 x0 = TileVector256.Load(x + i);
                TileVector256 x1 = i + Lanes < tile.Width ? TileVector256.Load(x + i + Lanes) : none;
                TileVector256 x2 = i + (2 * Lanes) < tile.Width ? TileVector256.Load(x + i + (2 * Lanes)) : none;
                TileVector256 old = max;
                max = TileVector256.Max(TileVector256.Max(max, x0), TileVector256.Max(x1, x2));

                // Where there is nothing but -infinity, differences to 0 instead of to it are no NaN.
                TileVector256 reference = TileVector256.SelectLess(none, max, max, zero);
                if (TileVector256.AnyLess(old, max))
                {
                    TileVector256 factor = TileExp<TileVector256>.Of(TileVector256.Max(least, old - reference));
                    sum *= factor;
                    low *= factor;
                }

                TileVector256 part = (TileExp<TileVector256>.Of(x0 - reference) + TileExp<TileVector256>.Of(x1 - reference)) + TileExp<TileVector256>.Of(x2 - reference);
                TileVector256 total = sum + part, back = total - sum;
                low += (sum - (total - back)) + (part - back);
                sum = total;
            }

            max.Store(state);
            sum.Store(state + Lanes);
            low.Store(state + (2 * Lanes));
        }
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
