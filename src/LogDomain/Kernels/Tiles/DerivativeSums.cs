namespace LogDomain.Kernels.Tiles;

/// <summary>A sum over all pairs, of what is found where they are differentiated: for each query, and each tile of a block, apart, since these may be found at the same time.</summary>
internal sealed unsafe class DerivativeSums(int queries)
{
    private readonly double[] _sums = new double[LogitTileSizes.BlockTiles * (nint)queries];

    /// <summary>Adds one number a lane of the vector at <paramref name="lane"/>, as far as lanes belong to queries.</summary>
    public void Add<TVector>(in LogitTile tile, int lane, TVector values)
        where TVector : unmanaged, ITileVector<TVector>
    {
        float* each = stackalloc float[TVector.Count];
        values.Store(each);
        for (int i = 0; i < Math.Min(TVector.Count, tile.Queries - lane); i++)
        {
            Add(tile, lane + i, each[i]);
        }
    }

    /// <summary>Adds one number of one lane.</summary>
    public void Add(in LogitTile tile, int lane, double value) =>
        _sums[(tile.FirstKey / LogitTileSizes.TileKeys % LogitTileSizes.BlockTiles * (nint)queries) + tile.FirstQuery + lane] += value;

    public double Total()
    {
        TripleSum sum = default;
        foreach (double part in _sums)
        {
            sum.Add(part);
        }

        return sum.Value.High;
    }
}
