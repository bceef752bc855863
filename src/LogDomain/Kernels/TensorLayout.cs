namespace LogDomain.Kernels;

/// <summary>
/// The dimensions of tensors of one shape, in two groups: those along which a row runs, and those that count the rows. A row has its elements in
/// row-major order of its dimensions, as a contiguous copy would.
/// </summary>
internal sealed class TensorLayout
{
    private TensorLayout(Dimensions rows, Dimensions elements) => (Rows, Elements) = (rows, elements);

    public Dimensions Rows { get; }

    public Dimensions Elements { get; }

    /// <summary>Sorts the dimensions. Each tensor has one stride a dimension: 0 where it has not that dimension, or only one element of it.</summary>
    public static TensorLayout Of(ReadOnlySpan<nint> lengths, ReadOnlySpan<bool> alongRow, params nint[][] strides)
    {
        Dimensions rows = new(strides.Length), elements = new(strides.Length);
        for (int i = 0; i < lengths.Length; i++)
        {
            (alongRow[i] ? elements : rows).Add(lengths[i], strides, i);
        }

        return new(rows, elements);
    }

    /// <summary>Some dimensions, outermost first, those that are one in memory in all tensors joined.</summary>
    internal sealed class Dimensions(int tensors)
    {
        private readonly List<nint> _lengths = [];
        private readonly List<nint>[] _strides = [.. Enumerable.Range(0, tensors).Select(_ => new List<nint>())];

        /// <summary>The number of positions: 1 without dimensions.</summary>
        public nint Count { get; private set; } = 1;

        /// <summary>The length of the innermost dimension.</summary>
        public nint Inner => _lengths.Count == 0 ? 1 : _lengths[^1];

        /// <summary>The number of positions of the others.</summary>
        public nint Outer => Inner == 0 ? 0 : Count / Inner;

        public nint InnerStride(int tensor) => _lengths.Count == 0 ? 0 : _strides[tensor][^1];

        /// <summary>Where the innermost dimension begins, for a position of the others.</summary>
        public nint Offset(int tensor, nint outer)
        {
            nint offset = 0;
            for (int i = _lengths.Count - 2; i >= 0; i--)
            {
                (outer, nint index) = (outer / _lengths[i], outer % _lengths[i]);
                offset += index * _strides[tensor][i];
            }

            return offset;
        }

        public void Add(nint length, nint[][] strides, int dimension)
        {
            Count *= length;
            if (length == 1)
            {
                return;
            }

            bool joins = _lengths.Count > 0;
            for (int tensor = 0; tensor < strides.Length && joins; tensor++)
            {
                joins = _strides[tensor][^1] == strides[tensor][dimension] * length;
            }

            if (joins)
            {
                _lengths[^1] *= length;
            }
            else
            {
                _lengths.Add(length);
            }

            for (int tensor = 0; tensor < strides.Length; tensor++)
            {
                if (joins)
                {
                    _strides[tensor][^1] = strides[tensor][dimension];
                }
                else
                {
                    _strides[tensor].Add(strides[tensor][dimension]);
                }
            }
        }
    }
}
