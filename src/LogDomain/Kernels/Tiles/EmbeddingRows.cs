using System.Numerics;
using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>Embeddings as rows of floats, which on demand have been divided by their length.</summary>
/// <typeparam name="T">The elements of what is given: float, or a 16-bit type.</typeparam>
internal sealed unsafe class EmbeddingRows<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Rows of a task: some tens of microseconds.</summary>
    private const int TaskRows = 64;

    private readonly int _rows, _threads;
    private readonly nint _features;
    private readonly double[]? _inverseLengths;
    private readonly TileMemory _copy;

    /// <param name="parts">One or more blocks of rows, which follow each other. They must stay where they are.</param>
    /// <param name="rowsOfPart">Rows of a block.</param>
    /// <param name="features">Numbers of a row.</param>
    /// <param name="normalize">Whether to divide.</param>
    /// <param name="threads">Threads to use at most.</param>
    public EmbeddingRows(ReadOnlySpan<nint> parts, int rowsOfPart, int features, bool normalize, int threads)
    {
        _rows = parts.Length * rowsOfPart;
        _features = features;
        _threads = threads;
        bool inPlace = parts.Length == 1 && !normalize && typeof(T) == typeof(float);
        _copy = new(inPlace ? 0 : _rows * _features);
        Values = inPlace ? (float*)parts[0] : _copy.Floats;
        for (int part = 0; !inPlace && part < parts.Length; part++)
        {
            Copy((T*)parts[part], Values + (part * rowsOfPart * _features), rowsOfPart * _features);
        }

        if (normalize)
        {
            _inverseLengths = new double[_rows];
            ForRows(Normalize);
        }
    }

    public float* Values { get; }

    public void Dispose() => _copy.Dispose();

    /// <summary>Makes the derivatives by <see cref="Values"/>, in place, those by what was given: <c>(g - u (u . g)) / |x|</c> with u = x / |x|.</summary>
    public void Differentiate(float* gradient)
    {
        if (_inverseLengths != null)
        {
            ForRows(row => Project(gradient + (row * _features), row));
        }
    }

    private static void Copy(T* source, float* destination, nint count)
    {
        if (typeof(T) != typeof(float))
        {
            Narrowing<T>.Widen(source, destination, count);
        }
        else
        {
            Buffer.MemoryCopy(source, destination, count * sizeof(float), count * sizeof(float));
        }
    }

    private void ForRows(Action<int> body) => TileTasks.Run((_rows + TaskRows - 1) / TaskRows, _threads, (task, _) =>
    {
        for (int row = task * TaskRows; row < Math.Min(_rows, (task + 1) * TaskRows); row++)
        {
            body(row);
        }
    });

    /// <summary>Squares of floats neither overflow nor vanish in double. A row of zeros has no direction: it stays as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Normalize(int row)
    {
        float* x = Values + (row * _features);
        double length = Math.Sqrt(Dot(x, x)), inverse = length == 0 ? 0 : 1 / length;
        _inverseLengths![row] = inverse;
        for (nint k = 0; k < _features; k++)
        {
            x[k] = (float)(x[k] * inverse);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Project(float* gradient, int row)
    {
        float* unit = Values + (row * _features);
        double inverse = _inverseLengths![row], along = Dot(unit, gradient);
        for (nint k = 0; k < _features; k++)
        {
            gradient[k] = (float)((gradient[k] - (unit[k] * along)) * inverse);
        }
    }

    /// <summary>In four sums, by the place modulo 4. Products of floats are exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Dot(float* x, float* y)
    {
        double sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        nint k = 0;
        for (; k <= _features - 4; k += 4)
        {
            sum0 += (double)x[k] * y[k];
            sum1 += (double)x[k + 1] * y[k + 1];
            sum2 += (double)x[k + 2] * y[k + 2];
            sum3 += (double)x[k + 3] * y[k + 3];
        }

        for (; k < _features; k++)
        {
            sum0 += (double)x[k] * y[k];
        }

        return (sum0 + sum1) + (sum2 + sum3);
    }
}
