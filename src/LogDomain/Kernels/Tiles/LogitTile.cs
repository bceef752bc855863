namespace LogDomain.Kernels.Tiles;

/// <summary>Logits of some keys (or classes) and some queries (or tokens): row k of the tile belongs to a key, lane i of a row to a query.</summary>
internal unsafe readonly struct LogitTile
{
    public required float* Logits { get; init; }

    /// <summary>Floats between two rows.</summary>
    public required nint Stride { get; init; }

    /// <summary>The key of the first row.</summary>
    public required int FirstKey { get; init; }

    /// <summary>Rows.</summary>
    public required int Keys { get; init; }

    /// <summary>The query of the first lane.</summary>
    public required int FirstQuery { get; init; }

    /// <summary>Lanes that belong to a query.</summary>
    public required int Queries { get; init; }

    /// <summary>Lanes of a row, a whole number of vectors: those beyond <see cref="Queries"/> hold products of zeros.</summary>
    public required int Width { get; init; }

    /// <summary>Which of the ranges of keys that are reduced apart the tile lies in.</summary>
    public required int Range { get; init; }

    /// <summary>The place of the first lane in its group of queries.</summary>
    public required int Lane { get; init; }
}
