namespace LogDomain.Kernels.Tiles;

/// <summary>The sizes that fix the order of all sums.</summary>
internal static class LogitTileSizes
{
    /// <summary>Queries of a group: a multiple of the panels of all widths, 48 and 24.</summary>
    public const int GroupQueries = 384;

    /// <summary>Keys of a tile.</summary>
    public const int TileKeys = 128;

    /// <summary>Tiles of a block of keys of the backward pass, which several threads may have at the same time.</summary>
    public const int BlockTiles = 4;

    // A range of 8 tiles of keys of 1,024 numbers is some milliseconds of work for a group of queries; with more than 64 ranges, the states of a group would not be small beside its panels.
    private const int LeastRangeTiles = 8, MostRanges = 64;

    /// <summary>Tiles of a range of keys.</summary>
    public static int RangeTiles(int keys) => Math.Max(LeastRangeTiles, (Tiles(keys) + MostRanges - 1) / MostRanges);

    /// <summary>Ranges of keys, each reduced by itself.</summary>
    public static int Ranges(int keys) => (Tiles(keys) + RangeTiles(keys) - 1) / RangeTiles(keys);

    private static int Tiles(int keys) => (int)(((long)keys + TileKeys - 1) / TileKeys);
}
