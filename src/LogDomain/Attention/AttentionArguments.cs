using LogDomain.Kernels.Attention;

namespace LogDomain.Attention;

/// <summary>Checks of arguments, and what the kernels get in their place.</summary>
internal static unsafe class AttentionArguments
{
    public static readonly AttentionOptions Defaults = new();

    public static void CheckOptions(AttentionOptions options, in AttentionShape shape)
    {
        LogPrimitives.CheckDegree(options.MaxDegreeOfParallelism, nameof(options), nameof(options.MaxDegreeOfParallelism));
        if (options.Scale is double scale && !double.IsFinite(scale))
        {
            throw new ArgumentException($"Scale is {scale}, but a finite number was expected.", nameof(options));
        }

        if (options.Softcap is double cap && !(cap > 0))
        {
            throw new ArgumentException($"Softcap is {cap}, but a number above 0 was expected.", nameof(options));
        }

        CheckWindow(options.WindowBefore, nameof(options.WindowBefore));
        CheckWindow(options.WindowAfter, nameof(options.WindowAfter));
        CheckHeads(options.AlibiSlopes, shape.Heads, nameof(options.AlibiSlopes));
        CheckHeads(options.Sinks, shape.Heads, nameof(options.Sinks));
        options.Mask?.Check(shape, nameof(options.Mask));
        options.Bias?.Check(shape, nameof(options.Bias));
        if (options.Alignment is CausalAlignment alignment && !Enum.IsDefined(alignment))
        {
            throw new ArgumentException($"Alignment is {alignment}, but TopLeft or BottomRight was expected.", nameof(options));
        }
    }

    /// <summary>The place of query 0 among the keys.</summary>
    public static long FirstPosition(AttentionOptions options, int queryLength, int keyLength)
    {
        if (options.QueryPosition is int position)
        {
            return position;
        }

        bool placesMatter = options.IsCausal || options.WindowBefore != null || options.WindowAfter != null || !options.AlibiSlopes.IsEmpty;
        return options.Alignment switch
        {
            CausalAlignment.BottomRight => (long)keyLength - queryLength,
            null when placesMatter && queryLength != keyLength => throw new ArgumentException(
                $"Alignment is null, but TopLeft or BottomRight was expected for {queryLength} queries and {keyLength} keys, whose places matter.", nameof(options)),
            _ => 0,
        };
    }

    /// <summary>Options as the kernels know them; the pointers are to the memory of the options.</summary>
    public static AttentionScores Scores(AttentionOptions options, in AttentionShape shape, float* slopes, float* sinks, float* bias, bool* mask) => new()
    {
        Scale = options.Scale ?? (1 / Math.Sqrt(shape.HeadSize)),
        Cap = options.Softcap is double cap && float.IsFinite((float)cap) ? cap : 0,
        Slopes = slopes,
        Sinks = sinks,
        Bias = Values(options.Bias, bias),
        Mask = Values(options.Mask, mask),
        Before = options.WindowBefore ?? -1,
        After = options.IsCausal ? 0 : options.WindowAfter ?? -1,
    };

    public static void CheckApart<T1, T2>(ReadOnlySpan<T1> input, ReadOnlySpan<T2> destination, string inputName, string name)
        where T1 : unmanaged
        where T2 : unmanaged => LogPrimitives.CheckApart(input, destination, inputName, name);

    /// <summary>The elements of an array, which have to be these many.</summary>
    public static void CheckArray(int length, long expected, string name)
    {
        if (length != expected)
        {
            throw new ArgumentException($"{name} has {length} elements, but {expected} were expected.", name);
        }
    }

    /// <summary>A destination, which may be longer than needed.</summary>
    public static Span<T> Cut<T>(Span<T> destination, long needed, string name)
    {
        if (destination.Length < needed)
        {
            throw new ArgumentException($"{name} has {destination.Length} elements, but {needed} were expected.", name);
        }

        return destination[..(int)needed];
    }

    /// <summary>Checks the destination of a gradient by an option: as many numbers as the option has.</summary>
    public static void CheckOptionGradient(ReadOnlySpan<float> gradient, int length, string name, string parameter)
    {
        if (!gradient.IsEmpty && gradient.Length != length)
        {
            throw new ArgumentException($"{name} has {gradient.Length} elements, but {length} were expected, as many as the option has, or none.", parameter);
        }
    }

    /// <summary>Checks that offsets begin at 0, do not fall, and end at <paramref name="length"/>.</summary>
    public static void CheckOffsets(ReadOnlySpan<int> offsets, int sequences, int length, string name)
    {
        CheckArray(offsets.Length, sequences + 1L, name);
        for (int i = 0; i < offsets.Length; i++)
        {
            int least = i == 0 ? 0 : offsets[i - 1];
            if (offsets[i] < least || (i == 0 && offsets[i] != 0) || (i == sequences && offsets[i] != length))
            {
                string expected = i == sequences ? $"{length}" : i == 0 ? "0" : $"at least {least}";
                throw new ArgumentException($"{name}[{i}] is {offsets[i]}, but {expected} was expected.", name);
            }
        }
    }

    private static ScoreValues<T> Values<T>(ScoreGrid<T>? grid, T* values)
        where T : unmanaged
    {
        if (grid is not ScoreGrid<T> g || values == null)
        {
            return default;
        }

        nint queryStride = g.Keys, headStride = queryStride * g.Queries, batchStride = headStride * g.Heads;
        return new(values, g.Batch == 1 ? 0 : batchStride, g.Heads == 1 ? 0 : headStride, g.Queries == 1 ? 0 : queryStride, g.Keys == 1 ? 0 : 1);
    }

    private static void CheckWindow(int? keys, string name, string parameter = "options")
    {
        if (keys < 0)
        {
            throw new ArgumentException($"{name} is {keys}, but at least 0 was expected.", parameter);
        }
    }

    private static void CheckHeads(ReadOnlyMemory<float> values, int heads, string name, string parameter = "options")
    {
        if (!values.IsEmpty && values.Length != heads)
        {
            throw new ArgumentException($"{name} has {values.Length} elements, but one for each of {heads} heads was expected.", parameter);
        }
    }
}
