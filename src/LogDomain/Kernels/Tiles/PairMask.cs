namespace LogDomain.Kernels.Tiles;

/// <summary>Which pairs of queries and keys are left out.</summary>
/// <param name="counts">For each query a row with one value a key, false for a pair that is left out; null for none.</param>
/// <param name="keys">The length of a row.</param>
internal readonly unsafe struct PairMask(bool* counts, nint keys)
{
    public bool IsEmpty => counts == null;

    public bool LeavesOut(nint query, nint key) => !counts[(query * keys) + key];

    /// <summary>Overwrites the elements of a tile that belong to pairs which are left out.</summary>
    public void Fill(in LogitTile tile, float value)
    {
        for (int lane = 0; counts != null && lane < tile.Queries; lane++)
        {
            ReadOnlySpan<bool> row = new(counts + ((tile.FirstQuery + lane) * keys) + tile.FirstKey, tile.Keys);
            for (int next = row.IndexOf(false), key = next; next >= 0; key += next)
            {
                tile.Logits[(key * tile.Stride) + lane] = value;
                key++;
                next = row[key..].IndexOf(false);
            }
        }
    }
}
