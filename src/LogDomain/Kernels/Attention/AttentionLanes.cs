namespace LogDomain.Kernels.Attention;

/// <summary>A row of a panel: whose query it is, and the keys it may see.</summary>
internal readonly record struct AttentionLane(int Head, int Query, int Low, int High, long Position);

/// <summary>The rows of a panel, in its lanes.</summary>
internal readonly unsafe struct AttentionLanes
{
    /// <summary>Floats that <see cref="Numbers"/> has to have for a width.</summary>
    public const int FloatsPerLane = 4;

    public required AttentionLane* Rows { get; init; }

    public required int Batch { get; init; }

    /// <summary>Rows, which are fewer than lanes at the edge.</summary>
    public required int Count { get; init; }

    public required int Width { get; init; }

    public required float* Numbers { get; init; }

    /// <summary>The keys that any row sees are in [Begin, End), and those that all rows see in [FullBegin, FullEnd).</summary>
    public required int Begin { get; init; }

    public required int End { get; init; }

    public required int FullBegin { get; init; }

    public required int FullEnd { get; init; }

    public AttentionLane this[int lane] => Rows[lane];

    /// <summary>Of each lane: the slope of its head.</summary>
    public float* Slopes => Numbers;

    /// <summary>Of each lane: its place, counted from the first key of the tile.</summary>
    public float* Offsets => Numbers + Width;

    public float* Low => Numbers + (2 * Width);

    public float* High => Numbers + (3 * Width);

    /// <summary>The lanes of rows <paramref name="first"/> and following of an item.</summary>
    public static AttentionLanes Of<T>(in AttentionItem<T> item, AttentionScores scores, int first, int count, int width, AttentionLane* rows, float* numbers)
        where T : unmanaged
    {
        int begin = item.Keys, end = 0, fullBegin = 0, fullEnd = item.Keys;
        for (int lane = 0; lane < count; lane++)
        {
            int row = first + lane, query = row % item.Queries;
            long position = item.FirstPosition + query;
            scores.See(position, item.Keys, out int low, out int high);
            rows[lane] = new(item.Head(row), query, low, high, position);
            begin = Math.Min(begin, low);
            end = Math.Max(end, high);
            fullBegin = Math.Max(fullBegin, low);
            fullEnd = Math.Min(fullEnd, high);
        }

        AttentionLanes lanes = new()
        {
            Rows = rows,
            Batch = item.Batch,
            Count = count,
            Width = width,
            Numbers = numbers,
            Begin = begin,
            End = end,
            FullBegin = fullBegin,
            FullEnd = fullEnd,
        };
        for (int lane = 0; lane < width; lane++)
        {
            lanes.Slopes[lane] = lane < count ? (float)scores.Slope(rows[lane].Head) : 0;
        }

        return lanes;
    }

    public void MoveTo(int firstKey)
    {
        for (int lane = 0; lane < Width; lane++)
        {
            Offsets[lane] = lane < Count ? Rows[lane].Position - firstKey : 0;
        }
    }
}
