namespace LogDomain.Kernels.Attention;

/// <summary>
/// States of rows: for each its reference, the sum of e^(score - reference), and the sum of those weights times the values. The log-sum-exp state with a vector beside it; a row that has seen
/// nothing has a reference of -infinity and sums of 0.
/// </summary>
internal readonly unsafe struct AttentionSums(double* max, double* sum, double* vectors, int valueSize)
{
    public bool IsEmpty => max == null;

    public int ValueSize => valueSize;

    public double* Max => max;

    public double* Sum => sum;

    public double* Vector(int row) => vectors + ((nint)row * valueSize);

    public AttentionSums From(int row) => new(max + row, sum + row, Vector(row), valueSize);

    public void Clear(int rows)
    {
        new Span<double>(max, rows).Fill(double.NegativeInfinity);
        new Span<double>(sum, rows).Clear();
        for (int row = 0; row < rows; row++)
        {
            new Span<double>(Vector(row), valueSize).Clear();
        }
    }

    /// <summary>Adds another state of a row. Nothing happens to the bits of either where the other is empty.</summary>
    public void Merge(int row, double otherMax, double otherSum, double* otherVector)
    {
        Scale(row, otherMax, out double factor, otherSum);
        sum[row] += factor * otherSum;
        double* vector = Vector(row);
        for (int i = 0; i < valueSize && factor != 0; i++)
        {
            vector[i] += factor * otherVector[i];
        }
    }

    /// <summary>The same with the vector of floats <paramref name="step"/> apart.</summary>
    public void Merge(int row, double otherMax, double otherSum, float* otherVector, nint step)
    {
        Scale(row, otherMax, out double factor, otherSum);
        sum[row] += factor * otherSum;
        double* vector = Vector(row);
        for (int i = 0; i < valueSize && factor != 0; i++)
        {
            vector[i] += factor * otherVector[i * step];
        }
    }

    /// <summary>The reference becomes the larger one; what was there is scaled to it, and <paramref name="factor"/> is what the other has to be scaled by: 0 if it is empty.</summary>
    private void Scale(int row, double otherMax, out double factor, double otherSum)
    {
        if (double.IsNegativeInfinity(otherMax))
        {
            // An empty state, or one that has seen a NaN first.
            factor = double.IsNaN(otherSum) ? 1 : 0;
            return;
        }

        if (otherMax > max[row])
        {
            double own = double.IsNegativeInfinity(max[row]) ? (double.IsNaN(sum[row]) ? 1 : 0) : ScalarFunctions.Exp(max[row] - otherMax);
            sum[row] *= own;
            double* vector = Vector(row);
            for (int i = 0; i < valueSize; i++)
            {
                vector[i] *= own;
            }

            max[row] = otherMax;
            factor = 1;
        }
        else
        {
            factor = ScalarFunctions.Exp(otherMax - max[row]);
        }
    }

    /// <summary>
    /// What turns sums into averages: <c>vector * factor</c> is the output, and the logarithm of the whole sum is returned. Sums are those in the frame of <paramref name="max"/>, 0 for a row that has seen
    /// nothing; a sink is one more term of the sum, without a value.
    /// </summary>
    public static double Finish(double max, double sum, double sink, out double factor)
    {
        double reference = Math.Max(max, sink);
        if (double.IsNegativeInfinity(reference))
        {
            factor = sum == 0 ? 0 : double.NaN;
            return sum == 0 ? double.NegativeInfinity : double.NaN;
        }

        double own = double.IsNegativeInfinity(max) ? (sum == 0 ? 0 : double.NaN) : ScalarFunctions.Exp(max - reference);
        double total = (own * sum) + ScalarFunctions.Exp(sink - reference);
        factor = own / total;
        return reference + ScalarFunctions.Log1P(total - 1);
    }
}
